"""`httpsig.utils.generate_message`, without the package around it. Loaded with the first signature.

`import httpsig` runs the package's `__init__`, and that wants `pkg_resources`: gone from setuptools 82,
absent from the virtual environments of Python 3.12, and 10 MB and 100 ms where it still exists. So
`httpsig.utils` is loaded alone; of pycryptodome it brings the hash functions, 1.3 MB and 50 ms.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType


def _load_httpsig_utils() -> ModuleType:
    package = find_spec("httpsig")
    spec = PathFinder.find_spec("httpsig.utils", package.submodule_search_locations) if package else None
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("The package httpsig is missing: install it with 'pip install httpsig'.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate_message: Callable[[Sequence[str], Mapping[str, str], str | None, str, str], bytes] = (
    _load_httpsig_utils().generate_message
)
