"""A document in fewer words: a value that stands in it several times is written once, and pointed to."""

from __future__ import annotations

from typing import Any

_SHORT = 4  # elements: a pointer to so few would be longer than they are


def compact(document: dict[str, Any], served: bool = False) -> dict[str, Any]:
    """`document` with each repetition of the same TENSOR object in its runs as ``{"same_as": "#/runs/0/..."}``.

    Only where it is `served` do its large values say under which number their parts can be asked for.

    >>> value = {"shape": [5], "dtype": "int64", "size": 5, "data": [1, 2, 3, 4, 5]}
    >>> compact({"runs": [{"steps": [{"value": value}, {"value": value}]}]})["runs"][0]["steps"][1]
    {'value': {'same_as': '#/runs/0/steps/0/value'}}
    """
    places: dict[int, str] = {}

    def written(found: Any, place: str) -> Any:
        if isinstance(found, dict):
            if "dtype" in found and "size" in found:
                first = places.setdefault(id(found), place)
                if first != place and found["size"] > _SHORT:
                    return {"same_as": first}
                return found if served or "kept" not in found else {k: v for k, v in found.items() if k != "kept"}
            return {key: written(v, f"{place}/{key}") if isinstance(v, (dict, list)) else v for key, v in found.items()}
        if isinstance(found, list) and found and isinstance(found[0], (dict, list)):
            return [written(v, f"{place}/{i}") for i, v in enumerate(found)]
        return found

    return {**document, "runs": written(document["runs"], "#/runs")} if "runs" in document else document
