"""Runs in every Python process of an agent that the control room has started, before its first line.

It takes new values of secrets while the program runs, and puts the hooks of ../iron_cage/_hooks in their places. It prints nothing,
raises nothing, needs nothing, and does nothing where there is no control room (any more).
"""

import sys

_HERE = __file__.replace("\\", "/").rpartition("/")[0]


def _without_us(paths):
    return [path for path in paths if path.replace("\\", "/").rstrip("/") != _HERE]


def _run_the_users_own():
    """Whoever has a sitecustomize finds it in effect, and under its name."""
    # What importlib is made of: the package itself takes longer to load than all of ours.
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    # Programs look at it; the environment variable stays, for what they start.
    sys.path[:] = _without_us(sys.path)
    spec = PathFinder.find_spec(__name__, sys.path)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules[__name__] = module
    spec.loader.exec_module(module)


def _hooks():
    """Under a name of their own, so that nothing of an SDK is loaded that the program does not ask for."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import spec_from_file_location

    ours = _HERE.rpartition("/")[0]
    folder = ours + "/iron_cage/_hooks"
    spec = spec_from_file_location("_iron_cage_hooks", folder + "/__init__.py", submodule_search_locations=[folder])
    module = module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    module.begin(ours)
    return module.watch


def _begin():
    try:
        if sys.version_info < (3, 9):  # noqa: UP036
            return
        import os

        place, token = os.environ.get("IRON_CAGE_BRIDGE"), os.environ.get("IRON_CAGE_RUN_TOKEN")
        if place and token and os.name == "posix":
            watch = None
            if sys.version_info >= (3, 10):  # noqa: UP036
                try:
                    watch = _hooks()
                except Exception:
                    pass
            sys.path.insert(0, _HERE)
            try:
                import _iron_cage_bridge
            finally:
                sys.path.remove(_HERE)
            _iron_cage_bridge.begin(place, token, watch)
    except Exception:
        # The agent runs without us, as it would anywhere else.
        pass


if __name__ == "sitecustomize":
    try:
        _run_the_users_own()
    finally:
        _begin()
