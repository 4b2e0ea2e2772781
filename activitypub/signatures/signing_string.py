"""The bytes that a draft-cavage signature signs (section 2.3), built by `httpsig.utils.generate_message`.

Of httpsig we take this one function. Its parser of the Signature header forgives what row B06 forbids (junk
between parameters, repeated ones, open quotes), and its RSA is five times slower than that of `cryptography`.

`import httpsig` runs the package's `__init__`, and that wants `pkg_resources`: gone from setuptools 82,
absent from the virtual environments of Python 3.12, and 10 MB and 100 ms where it still exists. So
`httpsig.utils` is loaded alone, without the package around it; of pycryptodome it brings the hash functions,
1.3 MB and 20 ms.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType

REQUEST_TARGET = "(request-target)"
CREATED = "(created)"
EXPIRES = "(expires)"


def signing_string(covered: Sequence[str], fields: Mapping[str, str], method: str, target: str) -> bytes:
    """Return one line for each covered component, in the order of `covered`, without a newline at the end.

    `covered` holds lower-case names, at least one. `fields` has the value of each but (request-target): of
    headers, and of (created) and (expires) as decimal text. `target` is path and query of the request. All of
    it has to be printable ASCII, which callers check: a newline in a value could pose as another component.
    """
    return _generate_message(covered, fields, fields.get("host"), method, target)


def _load_httpsig_utils() -> ModuleType:
    package = find_spec("httpsig")
    spec = PathFinder.find_spec("httpsig.utils", package.submodule_search_locations) if package else None
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("The package httpsig is missing: install it with 'pip install httpsig'.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_generate_message: Callable[[Sequence[str], Mapping[str, str], str | None, str, str], bytes] = (
    _load_httpsig_utils().generate_message
)
