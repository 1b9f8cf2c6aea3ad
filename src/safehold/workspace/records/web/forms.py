"""Forms of these pages. They read what was typed; whether it may be is for the flows, which name each problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django import forms

from safehold.foundation.access.matrix import FieldClass
from safehold.foundation.scope.scope import Scope
from safehold.foundation.tenancy import selectors as tenancy
from safehold.workspace.records import selectors
from safehold.workspace.records.importing.options import DEPARTMENT, ImportOptions
from safehold.workspace.records.selectors import RecordView
from safehold.workspace.records.shape import FieldShape, FieldSpec, Shape, label_of
from safehold.workspace.records.values import FieldType

__all__ = ["CollectionForm", "FieldForm", "MappingForm", "MoveForm", "NewUploadForm", "RecordForm", "UploadForm"]

_MOST_TARGETS = 200
"""Records that a reference is chosen from in a list; where there are more, its code is typed."""

_LONG = 80
"""Characters from which on a text is edited in several lines."""

_CLASS_WORDS = {
    FieldClass.OPEN: "Open: every member sees it; sortable",
    FieldClass.CONFIDENTIAL: "Confidential: sealed; not for viewers and employees",
    FieldClass.PERSONAL: "Personal: sealed; for owners, admins and HR",
    FieldClass.SENSITIVE: "Sensitive: sealed; for owners and HR",
}
_ENCODINGS = [("utf-8", "UTF-8"), ("cp1252", "Windows (cp1252)"), ("iso-8859-1", "ISO 8859-1")]
_CONTROLS: dict[FieldType, forms.Widget] = {
    FieldType.NUMBER: forms.TextInput(attrs={"inputmode": "decimal"}),
    FieldType.DATE: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    FieldType.EMAIL: forms.EmailInput(),
    FieldType.PHONE: forms.TextInput(attrs={"type": "tel"}),
}


class RecordForm(forms.Form):
    """One record's fields, as this scope may write them."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, scope: Scope, shape: Shape, record: RecordView | None = None
    ) -> None:
        held = dict(record.values) if record else {}
        super().__init__(data, initial={**held, "version": record.version if record else None})
        targets = {each.id: each.key for each in selectors.collections(scope)}
        for each in shape.fields:
            self.fields[each.key] = _control(scope, each, targets.get(each.target_id) if each.target_id else None)
            if len(held.get(each.key, "")) > _LONG and each.type is FieldType.TEXT:
                self.fields[each.key].widget = forms.Textarea(attrs={"rows": 4})
        departments = [(row.number, row.name) for row in tenancy.departments(scope)]
        if record is None and len(departments) > 1:
            self.fields["department"] = forms.TypedChoiceField(coerce=int, choices=departments)
        elif record is not None:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
        self._keys = [each.key for each in shape.fields]

    @property
    def values(self) -> dict[str, str]:
        """What was typed, by field."""
        return {key: self.cleaned_data.get(key) or "" for key in self._keys}


class MoveForm(forms.Form):
    """The department that a record is to belong to, and the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    department = forms.TypedChoiceField(coerce=int)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, scope: Scope, record: RecordView | None = None
    ) -> None:
        initial = {"version": record.version, "department": record.department} if record else None
        super().__init__(data, initial=initial, auto_id="move_%s")
        choices = [(row.number, row.name) for row in tenancy.departments(scope)]
        self.fields["department"].choices = choices  # type: ignore[attr-defined]


def _control(scope: Scope, each: FieldShape, target: str | None) -> forms.Field:
    given: dict[str, Any] = {"label": each.label, "required": each.required}
    if not each.is_open:
        given["help_text"] = f"{each.field_class.value.capitalize()}: sealed before it is stored."
    if each.type is FieldType.CHOICE:
        return forms.ChoiceField(choices=[("", "–"), *((choice, choice) for choice in each.choices)], **given)
    if each.type is FieldType.REFERENCE and target:
        links = selectors.suggestions(scope, target, "", _MOST_TARGETS)
        if links and len(links) < _MOST_TARGETS:
            named = [(link.code or str(link.id), link.title or link.code) for link in links]
            return forms.CharField(widget=forms.Select(choices=[("", "–"), *named]), **given)
        given["help_text"] = f"The code of a record in {label_of(target)}."
    return forms.CharField(strip=False, widget=_CONTROLS.get(each.type, forms.TextInput()), **given)


class CollectionForm(forms.Form):
    """A collection's names."""

    label = forms.CharField(label="Name", max_length=100, help_text="In the plural: Customers.")
    singular = forms.CharField(
        label="One of them", max_length=100, required=False, help_text="In the singular: Customer."
    )
    key = forms.SlugField(
        max_length=60, required=False, help_text="In addresses and the API. Made from the name if empty."
    )


class FieldForm(forms.Form):
    """One field of a collection."""

    label = forms.CharField(max_length=100)
    key = forms.CharField(max_length=60, required=False, help_text="In addresses, files and the API. It never changes.")
    type = forms.ChoiceField(choices=[(each.value, label_of(each.value)) for each in FieldType])
    field_class = forms.ChoiceField(label="Class", choices=list(_CLASS_WORDS.items()))
    choices = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="One a line, for the type “choice”."
    )
    target = forms.ChoiceField(required=False, label="Refers to", help_text="For the type “reference”.")
    required = forms.BooleanField(required=False, help_text="Every record has a value.")
    unique = forms.BooleanField(required=False, help_text="No two records share a value.")
    indexed = forms.BooleanField(
        required=False, help_text="Open fields can be sorted and asked for ranges; sealed ones found by their words."
    )

    def __init__(self, *args: Any, scope: Scope, field: FieldShape | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shapes = selectors.collections(scope)
        self.fields["target"].choices = [("", "–"), *((s.key, s.label) for s in shapes)]  # type: ignore[attr-defined]
        if field is not None:
            self.fields.pop("key")
            target = next((shape.key for shape in shapes if shape.id == field.target_id), "")
            self.initial = {**_initial(field, target), **self.initial}

    def spec(self, key: str = "") -> FieldSpec:
        """What is asked of the field."""
        asked = self.cleaned_data
        return FieldSpec(
            key=key or asked["key"] or _key_from(asked["label"]),
            label=asked["label"],
            type=FieldType(asked["type"]),
            field_class=FieldClass(asked["field_class"]),
            required=asked["required"],
            unique=asked["unique"],
            indexed=asked["indexed"],
            choices=tuple(line for line in asked["choices"].splitlines() if line.strip()),
            target=asked["target"],
        )


class UploadForm(forms.Form):
    """A CSV file."""

    file = forms.FileField(
        label="CSV file",
        help_text="UTF-8, the names of the columns in the first row. Nothing is stored before you have seen a preview.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )


class NewUploadForm(UploadForm):
    """A CSV file that is to become a collection."""

    label = forms.CharField(label="Name of the new collection", max_length=100, help_text="In the plural: Customers.")
    field_order = ("label", "file")


class MappingForm(forms.Form):
    """Which field each column of a file goes to. Pressing its button says that fields without a column stay empty."""

    encoding = forms.ChoiceField(choices=_ENCODINGS)

    def __init__(self, *args: Any, shape: Shape, columns: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._columns = list(columns)
        self._keys = [each.key for each in shape.fields]
        choices = [("", "Leave it out"), *((each.key, each.label) for each in shape.fields), (DEPARTMENT, "Department")]
        for index, (name, key) in enumerate(self._columns):
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=name, choices=choices, required=False, initial=key or ""
            )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The fields for columns, without the encoding."""
        return [self[name] for name in self.fields if name.startswith("column-")]

    def options(self, before: ImportOptions) -> ImportOptions:
        """The choices as an import keeps them."""
        chosen = {name: self.cleaned_data[f"column-{index}"] for index, (name, _) in enumerate(self._columns)}
        without = tuple(key for key in self._keys if key not in chosen.values())
        return replace(before, encoding=self.cleaned_data["encoding"], columns=chosen, without=without)


def _initial(field: FieldShape, target: str) -> dict[str, Any]:
    plain = {name: getattr(field, name) for name in ("label", "required", "unique", "indexed")}
    classed = {"type": field.type.value, "field_class": field.field_class.value, "target": target}
    return plain | classed | {"choices": "\n".join(field.choices)}


def _key_from(label: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in label).split()).lower()[:60]
