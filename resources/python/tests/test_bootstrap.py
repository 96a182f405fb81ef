from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

BRIDGE = Path(__file__).resolve().parents[1] / "bootstrap" / "_iron_cage_bridge.py"


def bridge_with(monkeypatch: pytest.MonkeyPatch, *asked: str) -> ModuleType:
    """The bootstrap's bridge in an interpreter whose scanner of JSON asks for these things."""
    import _json

    def make_scanner(context: object) -> object:
        for name in asked:
            getattr(context, name)
        return _json.make_scanner(context)

    made = SimpleNamespace(make_scanner=make_scanner, encode_basestring_ascii=_json.encode_basestring_ascii)
    monkeypatch.setitem(sys.modules, "_json", made)  # type: ignore[arg-type]
    spec = importlib.util.spec_from_file_location("bridge_of_the_bootstrap", BRIDGE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.undo()
    return module


# The second is of Python 3.15, the third of none yet.
@pytest.mark.parametrize("asked", [(), ("array_hook",), ("array_hook", "something_new")])
def test_the_bridge_reads_what_the_room_says_under_each_python(monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]) -> None:
    bridge = bridge_with(monkeypatch, *asked)
    line = '{"kind":"values","generation":3,"secrets":{"KEY":"ä\\n"},"more":[1,2.5,null,true]}'.encode()
    assert bridge._read_json(line) == {"kind": "values", "generation": 3, "secrets": {"KEY": "ä\n"}, "more": [1, 2.5, None, True]}
    assert (bridge._scan is None) == ("something_new" in asked)
