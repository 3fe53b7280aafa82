"""The house rules of ARCHITECTURE.md that no linter knows: sizes, names, what may be committed."""

import ast
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("sim/", "models/")
MAX_FILE_LINES, MAX_BODY_LINES, MAX_NESTING = 400, 40, 3
MAX_PARAMETERS, MAX_POSITIONAL, MAX_PUBLIC_NAMES = 5, 3, 20
MIN_DOCUMENTED = 0.8
MAX_DATA_BYTES = 15_000_000
MARK = "# parameters:"  # on the line of the `def`, with the reason: the fields of a record, the options of a run
EMPTY_NAMES = {"utils", "util", "helpers", "common", "misc", "base", "core", "manager", "types"}
DATA_SUFFIXES = {".gz", ".csv", ".json", ".parquet", ".png", ".svg", ".ipynb", ".npy", ".npz", ".log", ".pcap"}
CHECKS = {"raises", "warns", "fails", "check", "expect", "verify", "benchmark", "assert_never", "find_duplicates"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Block = ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.Match

# Spelled in pieces, so that this file does not break its own rules.
REGISTRIES = re.compile(r"py" + r"pi\.org|python" + r"hosted\.org|npm" + r"js\.(?:org|com)|proxy\.go" + r"lang\.org")
MACHINE_PATHS = re.compile(r"(?<![\w.~/>])/(?:work|farm|root|home/[a-z]\w*|Users/\w+)/[\w.]")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")


@cache
def tracked() -> tuple[str, ...]:
    """Paths of what is committed or about to be; where there is no git, everything outside hidden folders."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        listed = [str(path) for path in paths if not any(part.startswith(".") for part in path.parts)]
    return tuple(sorted(name for name in listed if name and (ROOT / name).is_file()))


def sources(*folders: str) -> list[str]:
    return [name for name in tracked() if name.endswith(".py") and name.startswith(folders)]


@cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), name)


def functions(*folders: str) -> Iterator[tuple[str, Function]]:
    """Each function with its address, as `models/kernel/ports.py:31 bind`."""
    for name in sources(*folders):
        for node in ast.walk(tree(name)):
            if isinstance(node, Function):
                yield f"{name}:{node.lineno} {node.name}", node


def has_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node) is not None


@cache
def text_lines(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


@cache
def code_lines(name: str) -> frozenset[int]:
    """The lines of a file that hold code: no blank lines, comments or docstrings."""
    noise = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    held: set[int] = set()
    with (ROOT / name).open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type not in noise:
                held.update(range(token.start[0], token.end[0] + 1))
    for node in filter(has_docstring, ast.walk(tree(name))):
        docstring = node.body[0]  # type: ignore[attr-defined]  # has_docstring lets only such nodes through
        held.difference_update(range(docstring.lineno, docstring.end_lineno + 1))
    return frozenset(held)


def body_lines(address: str, function: Function) -> int:
    first, last = function.body[0].lineno, function.end_lineno or function.lineno
    return sum(first <= line <= last for line in code_lines(address.partition(":")[0]))


def depth(node: ast.AST) -> int:
    """Levels of blocks within blocks below `node`; an `elif` and a nested function add none."""
    deepest = 0
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, Function | ast.ClassDef):
                is_elif = isinstance(node, ast.If) and field == "orelse" and isinstance(child, ast.If)
                deepest = max(deepest, depth(child) + (isinstance(child, Block) and not is_elif))
    return deepest


def parameters(address: str, function: Function) -> tuple[int, int]:
    """All parameters, and those that a reader meets by position alone; both without self.

    Constructors and private functions have their callers nearby, so only their total counts. The options of a command
    are its users' business, and a `def` may say why it needs more.
    """
    name = address.partition(":")[0]
    if MARK in text_lines(name)[function.lineno - 1] or name.startswith("sim/cli/"):
        return 0, 0
    given = [*function.args.posonlyargs, *function.args.args]
    positional = len(given) - (bool(given) and given[0].arg in {"self", "cls"})
    return positional + len(function.args.kwonlyargs), 0 if function.name.startswith("_") else positional


def checks_something(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return True
    called = node.func if isinstance(node, ast.Call) else None
    word = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return word in CHECKS or word.startswith(("assert_", "check_", "expect_"))


def unchecked_tests() -> Iterator[str]:
    """A test may leave its assertion to a function of the same file that it calls."""
    for name in sources("tests/"):
        local = {node.name: node for node in ast.walk(tree(name)) if isinstance(node, Function)}
        asserting = {own for own, node in local.items() if any(map(checks_something, ast.walk(node)))}
        for own, node in local.items():
            called = {
                call.func.id
                for call in ast.walk(node)
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
            }
            if own.startswith("test_") and own not in asserting and not called & asserting:
                yield f"{name}:{node.lineno} {own}"


def texts() -> Iterator[tuple[str, str]]:
    for name in tracked():
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or an archive


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {match.group()}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]


def public_names(name: str) -> list[str]:
    """What a package's `__init__.py` offers: `__all__` where there is one, otherwise what it imports or defines."""
    declared: list[str] = []
    for node in tree(name).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return [str(one) for one in ast.literal_eval(node.value)]
        if isinstance(node, ast.ImportFrom):
            declared += [alias.asname or alias.name for alias in node.names]
    return [one for one in declared if not one.startswith("_")]


def is_public_names_only(node: ast.stmt) -> bool:
    """Docstring, imports, `__all__` and tables of names; the lazy way of `sim/__init__.py` needs `__getattr__`."""
    if isinstance(node, Function):
        return node.name in {"__getattr__", "__dir__"}
    is_type_checking = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    return is_type_checking or isinstance(node, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign | ast.AnnAssign)


def is_documented(node: ast.AST) -> bool:
    return ast.get_docstring(node) is not None  # type: ignore[arg-type]  # only functions and classes are asked


def public_things() -> Iterator[tuple[str, ast.AST]]:
    for name in sources(*PRODUCT):
        for node in ast.walk(tree(name)):
            if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
                yield f"{name}:{node.lineno} {node.name}", node


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in sources("")}
    offenders = {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES}
    assert not offenders, f"cut along nouns, one noun per file: {offenders}"


def test_no_function_body_is_longer_than_40_lines_of_code() -> None:
    offenders = {at: lines for at, node in functions("") if (lines := body_lines(at, node)) > MAX_BODY_LINES}
    assert not offenders, f"a rule, its conditions and its effect fit on one screen: {offenders}"


def test_no_function_has_more_than_five_parameters_of_which_three_are_positional() -> None:
    counts = {at: parameters(at, node) for at, node in functions(*PRODUCT)}
    offenders = {at: n for at, n in counts.items() if n[0] > MAX_PARAMETERS or n[1] > MAX_POSITIONAL}
    assert not offenders, f"(all, positional) parameters; an object is missing, or a '{MARK}' reason: {offenders}"


def test_no_function_nests_deeper_than_three_blocks() -> None:
    offenders = {at: levels for at, node in functions(*PRODUCT) if (levels := depth(node)) > MAX_NESTING}
    assert not offenders, f"levels of blocks: {offenders}"


def test_no_package_offers_more_than_20_names() -> None:
    packages = [name for name in sources(*PRODUCT) if name.endswith("/__init__.py")]
    offenders = {name: n for name in packages if (n := len(public_names(name))) > MAX_PUBLIC_NAMES}
    assert not offenders, f"public names: {offenders}"


def test_a_package_init_holds_its_public_names_and_nothing_else() -> None:
    offenders = [
        f"{name}:{node.lineno}"
        for name in sources(*PRODUCT)
        if name.endswith("/__init__.py")
        for node in tree(name).body
        if not is_public_names_only(node)
    ]
    assert not offenders, f"move it into a file with a noun for a name: {offenders}"


def test_every_folder_of_the_product_is_a_package() -> None:
    folders = {Path(name).parent for name in sources(*PRODUCT)}
    offenders = [str(folder) for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()]
    assert not offenders, f"without an __init__.py import-linter does not see them: {offenders}"


def test_no_file_name_says_nothing() -> None:
    offenders = [name for name in sources(*PRODUCT, "tests/") if Path(name).stem.removeprefix("test_") in EMPTY_NAMES]
    assert not offenders, f"one noun per file, and the file is named after it: {offenders}"


def test_four_public_names_in_five_have_a_docstring() -> None:
    bare = [at for at, node in public_things() if not is_documented(node)]
    total = sum(1 for _ in public_things())
    assert len(bare) <= (1 - MIN_DOCUMENTED) * total, f"{len(bare)} of {total} have none: {bare}"


def test_the_import_contracts_are_kept() -> None:
    status = lint_imports(config_filename=str(ROOT / ".importlinter"), cache_dir=None)
    assert status == 0, "run lint-imports: it names the import that goes the wrong way"


def test_every_test_asserts_something() -> None:
    offenders = list(unchecked_tests())
    assert not offenders, f"a test that cannot fail is worse than none: {offenders}"


def test_no_tracked_file_names_a_package_registry() -> None:
    offenders = found(REGISTRIES)
    assert not offenders, f"whoever installs decides from where: {offenders}"


def test_no_tracked_file_names_a_path_of_some_machine() -> None:
    offenders = found(MACHINE_PATHS)
    assert not offenders, f"write paths from the top of the repository: {offenders}"


def test_nothing_unfinished_is_tracked() -> None:
    offenders = found(UNFINISHED)
    assert not offenders, f"finish it, or open an issue and cite its number in prose: {offenders}"


def test_every_local_link_of_the_front_pages_leads_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
    pages = [name for name in tracked() if name.endswith(".md")]
    targets = [(name, target) for name in pages for target in link.findall((ROOT / name).read_text(encoding="utf-8"))]
    offenders = [
        f"{name} -> {target}" for name, target in targets if not (ROOT / name).parent.joinpath(target).exists()
    ]
    assert not offenders, f"links into nothing: {offenders}"


def test_committed_data_stays_below_15_megabytes() -> None:
    sizes = {name: (ROOT / name).stat().st_size for name in tracked() if Path(name).suffix in DATA_SUFFIXES}
    largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:5]
    assert sum(sizes.values()) < MAX_DATA_BYTES, f"{sum(sizes.values()):,} bytes; the largest: {largest}"
