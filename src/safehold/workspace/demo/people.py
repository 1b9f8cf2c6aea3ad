"""Who works at the two demo companies, and what they have there. All of it is made up here, from a fixed seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from safehold.foundation.access.matrix import Role

__all__ = ["COMPANIES", "Company", "Person", "clients", "employees", "invoices"]

_FIRST = [
    "Ada",
    "Bram",
    "Cleo",
    "Dario",
    "Edda",
    "Femke",
    "Goran",
    "Hanne",
    "Ivo",
    "Jora",
    "Kasper",
    "Lene",
    "Milo",
    "Noor",
    "Oda",
    "Piet",
    "Rana",
    "Sef",
    "Tove",
    "Yara",
]
_LAST = [
    "Aalto",
    "Brandt",
    "Castell",
    "Dorn",
    "Ekwall",
    "Ferro",
    "Grau",
    "Holm",
    "Iversen",
    "Jansma",
    "Kjær",
    "Lund",
    "Moreau",
    "Novák",
    "Ørsted",
    "Pohl",
    "Quist",
]
_STREETS = [
    "Ash Lane",
    "Quay Street",
    "Mill Row",
    "Station Road",
    "Orchard Way",
    "Harbour Walk",
    "Chapel Hill",
    "Tanner's Yard",
]
_TOWNS = (("Aarhus", "DK"), ("Ghent", "BE"), ("Leeds", "GB"), ("Malmö", "SE"), ("Utrecht", "NL"), ("Graz", "AT"))
_TRADES = [
    "Bakery",
    "Joinery",
    "Print Works",
    "Garden Centre",
    "Bookshop",
    "Bicycles",
    "Pottery",
    "Optics",
    "Sailmakers",
    "Instruments",
]
_TITLES = ["Roaster", "Buyer", "Bookkeeper", "Fitter", "Designer", "Driver", "Planner", "Storekeeper", "Technician"]


@dataclass(frozen=True, slots=True)
class Person:
    """A demo person with a role; `department` is the only one they reach, or empty for all."""

    name: str
    role: Role
    department: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """A demo tenant, its departments and one person in each of the seven roles."""

    slug: str
    name: str
    plan: str
    seed: int
    departments: tuple[str, ...]
    people: tuple[Person, ...]

    def email(self, person: Person) -> str:
        """The address a person signs in with; the domain is reserved for examples (RFC 2606)."""
        return f"{person.name.split()[0].lower()}@{self.slug}.example"


COMPANIES: tuple[Company, ...] = (
    Company(
        slug="nordhavn",
        name="Nordhavn Coffee Roasters",
        plan="professional",
        seed=7,
        departments=("Roastery", "Sales"),
        people=(
            Person("Olga Holm", Role.OWNER),
            Person("Aksel Lund", Role.ADMIN),
            Person("Mette Kjær", Role.MANAGER, "Roastery"),
            Person("Anton Dorn", Role.ACCOUNTANT),
            Person("Hedda Quist", Role.HR),
            Person("Viggo Brandt", Role.VIEWER),
            Person("Emil Grau", Role.EMPLOYEE, "Sales"),
        ),
    ),
    Company(
        slug="birchvale",
        name="Birch & Vale Instruments",
        plan="starter",
        seed=11,
        departments=("Workshop", "Office"),
        people=(
            Person("Orla Ferro", Role.OWNER),
            Person("Abel Pohl", Role.ADMIN),
            Person("Marta Aalto", Role.MANAGER, "Workshop"),
            Person("Anouk Castell", Role.ACCOUNTANT),
            Person("Hugo Iversen", Role.HR),
            Person("Vera Novák", Role.VIEWER),
            Person("Elias Moreau", Role.EMPLOYEE, "Workshop"),
        ),
    ),
)

Row = dict[str, str]


def _address(dice: random.Random) -> Row:
    town, country = dice.choice(_TOWNS)
    return {"address": f"{dice.choice(_STREETS)} {dice.randint(1, 140)}", "city": town, "country": country}


def employees(company: Company, count: int) -> Iterator[tuple[str, Row]]:
    """`count` employees as (department, row of text values)."""
    dice = random.Random(company.seed)  # noqa: S311 - the same made-up people at every start, no secret
    for number in range(1, count + 1):
        first, last = dice.choice(_FIRST), dice.choice(_LAST)
        born = date(1960, 1, 1) + timedelta(days=dice.randint(0, 15_000))
        yield (
            dice.choice(company.departments),
            {
                "number": f"E{number:03}",
                "name": f"{first} {last}",
                "title": dice.choice(_TITLES),
                "birth-date": born.isoformat(),
                "home-phone": f"+45 {dice.randint(20, 99)} {dice.randint(10, 99)} {dice.randint(10, 99)} 00",
                "salary": str(dice.randrange(28_000, 74_000, 500)),
                **_address(dice),
            },
        )


def clients(company: Company, count: int) -> Iterator[Row]:
    """`count` clients as rows of text values."""
    dice = random.Random(company.seed + 1)  # noqa: S311 - as above
    for number in range(1, count + 1):
        last = dice.choice(_LAST)
        contact = f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"
        domain = last.lower().encode("ascii", "ignore").decode()
        yield {
            "number": f"C{number:03}",
            "name": f"{last} {dice.choice(_TRADES)}",
            "contact": contact,
            "email": f"{contact.split(maxsplit=1)[0].lower()}@{domain}.example",
            **{key: value for key, value in _address(dice).items() if key != "address"},
        }


def invoices(company: Company, count: int, client_count: int) -> Iterator[Row]:
    """`count` invoices as rows of text values, each pointing to a client by number."""
    dice = random.Random(company.seed + 2)  # noqa: S311 - as above
    for number in range(1, count + 1):
        yield {
            "number": f"2026-{number:04}",
            "client": f"C{dice.randint(1, client_count):03}",
            "issued": (date(2026, 1, 5) + timedelta(days=dice.randint(0, 300))).isoformat(),
            "amount": f"{dice.randint(40, 9_000)}.{dice.choice(('00', '25', '50', '95'))}",
            "status": dice.choice(("paid", "paid", "sent", "overdue")),
        }
