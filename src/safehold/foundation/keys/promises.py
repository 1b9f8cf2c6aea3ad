"""What we promise about encryption at rest and keys, and how it is proved."""

from __future__ import annotations

from safehold.foundation.keys.probes.ages import keys_are_young_and_apart
from safehold.foundation.keys.probes.clear import nothing_lies_in_clear
from safehold.foundation.keys.probes.environments import the_key_ring_is_this_environments
from safehold.foundation.keys.probes.shredding import a_destroyed_key_opens_nothing
from safehold.kernel.promise import Check, Promise

__all__ = ["CHECKS", "PROMISES"]

PROMISES: tuple[Promise, ...] = (
    Promise(
        "ENC-3",
        "The database holds no content in clear",
        "Confidential, personal and sensitive fields are encrypted with AES-256, under a key of the workspace's own, "
        "before they reach the database. No file of the database holds them in clear.",
    ),
    Promise(
        "ENC-4",
        "Stored files are encrypted",
        "Each file is encrypted with AES-256 under a key of its own before it is stored. A file that was cut, altered, "
        "reordered or swapped is refused.",
    ),
    Promise(
        "ENC-5",
        "Backups, archives and logs are encrypted",
        "Backups, archives and log archives are encrypted before they leave the process that makes them.",
    ),
    Promise(
        "ENC-6",
        "Integration secrets have a key ring of their own",
        "Secrets of integrations and tokens are encrypted under a key ring that belongs to one environment and is "
        "rotated, without anybody having to wait.",
    ),
    Promise(
        "ENC-7",
        "Connector secrets live in a secret store",
        "Connector secrets lie in a secret store under the workspace's own path. The database holds nothing but a "
        "random reference.",
    ),
    Promise(
        "ENC-8",
        "Keys are rotated and kept apart",
        "Keys are rotated at least once a year, and kept apart from the code, the database and the database's backups.",
    ),
    Promise(
        "ENC-9",
        "Destroying a workspace's key destroys its data",
        "Once a workspace's key is destroyed, nothing that was sealed under it can be read again, not in old backups "
        "of the database either: they never hold that key. Running processes forget it within five minutes.",
    ),
)

CHECKS: tuple[Check, ...] = (
    Check("ENC-3", "planted values are looked for in every file and row", nothing_lies_in_clear),
    Check("ENC-8", "keys are younger than their limit and lie apart", keys_are_young_and_apart),
    Check("ENC-9", "a scratch key is destroyed, and its database copy stays shut", a_destroyed_key_opens_nothing),
    Check("ISO-6", "the key ring opens for this environment alone", the_key_ring_is_this_environments),
)
