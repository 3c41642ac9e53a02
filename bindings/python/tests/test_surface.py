"""What the package shows: operations, types, README, the wire."""

import copy
import inspect
import json
import os
import pickle
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

import cardmint
import cardmint.types
from support import ROOT, InShop

HERE = Path(__file__).resolve().parent
PACKAGE = Path(cardmint.__file__).parent
API = ROOT / "docs/api.json"
MYPY = os.environ.get("CARDMINT_MYPY")
NO_SKIP = os.environ.get("CARDMINT_NO_SKIP", "0") not in ("", "0")


def public(face):
    return {name for name, value in vars(face).items() if inspect.isfunction(value) and not name.startswith("_")}


class Surface(InShop):
    def test_the_package_is_the_installed_one(self):
        self.assertNotIn(ROOT / "bindings", PACKAGE.parents)
        self.assertTrue((PACKAGE / "py.typed").exists())

    def test_every_operation_is_a_method_of_both_tenants(self):
        operations = dict(cardmint.operations())
        self.assertGreater(len(operations), 30)
        self.assertEqual(set(operations.values()), {"read", "change", "stream", "job"})
        for tenant in (cardmint.Tenant, cardmint.aio.Tenant):
            self.assertEqual(public(tenant.__mro__[2]), set(operations))
            self.assertEqual(public(tenant), {"call"}, "nothing by hand but the raw wire")

    @unittest.skipUnless(API.exists() or NO_SKIP, "docs/api.json is not there")
    def test_operations_are_those_of_the_documented_table(self):
        api = json.loads(API.read_text("utf-8"))
        documented = {row["name"]: row for row in api["operations"]}
        self.assertEqual({name: row["kind"] for name, row in documented.items()}, dict(cardmint.operations()))
        for name, row in documented.items():
            request = api["$defs"][row["request"]["$ref"].rsplit("/", 1)[-1]]
            for tenant in (cardmint.Tenant, cardmint.aio.Tenant):
                arguments = inspect.signature(getattr(tenant, name)).parameters
                required = {key for key, argument in arguments.items() if argument.default is inspect.Parameter.empty}
                self.assertEqual(set(arguments) - {"self"}, set(request.get("properties", {})), name)
                self.assertEqual(required - {"self"}, set(request.get("required", [])), name)
                self.assertIn(" ".join(row["doc"].split(".")[0].split()), " ".join(inspect.getdoc(getattr(tenant, name)).split()))
        for name in api["$defs"]:
            self.assertTrue(hasattr(cardmint.types, name), name)

    def test_every_annotation_means_something(self):
        from typing import get_type_hints

        names = vars(cardmint.types)
        for name in cardmint.types.__all__:
            kind = names[name]
            if isinstance(kind, type) and issubclass(kind, dict) and sys.version_info >= (3, 9):
                get_type_hints(kind)

    def test_handles_are_neither_pickled_nor_copied(self):
        stream = self.shop.export_codes(meta={"key": "x", "reason": "y"}, batch="flyer")
        awaited = cardmint.aio.open(self.db)
        for handle in [self.engine, self.shop, stream, self.shop.count_batch(batch="flyer"), awaited, awaited.tenant()]:
            for duplicate in [pickle.dumps, copy.copy, copy.deepcopy]:
                with self.subTest(handle=handle, by=duplicate.__name__), self.assertRaises(TypeError):
                    duplicate(handle)

    def test_failures_can_be_pickled(self):
        with self.assertRaises(cardmint.Denied) as caught:
            self.shop.count_batch(batch="none")
        again = pickle.loads(pickle.dumps(caught.exception))
        self.assertIs(type(again), cardmint.Denied)
        self.assertEqual(vars(again), vars(caught.exception))

    def test_importing_is_light(self):
        program = "import sys, cardmint; print(sorted({'asyncio', 'sqlite3', 'ctypes', 'cardmint.types'} & set(sys.modules)))"
        said = subprocess.run([sys.executable, "-B", "-c", program], check=True, stdout=subprocess.PIPE, env=self.environment())
        self.assertEqual(said.stdout.strip(), b"[]")

    def environment(self, **more):
        return {**os.environ, "PYTHONPATH": str(PACKAGE.parent), **more}

    def test_the_readme_runs_as_it_stands(self):
        readme = (ROOT / "bindings/python/README.md").read_text("utf-8")
        blocks = re.findall(r"^```python\n(.*?)^```", readme, re.S | re.M)
        self.assertGreater(len(blocks), 7)
        with tempfile.TemporaryDirectory() as folder:
            program = [sys.executable, "-B", "-W", "error", "-c", "\n".join(blocks)]
            ran = subprocess.run(program, cwd=folder, env=self.environment(), capture_output=True, text=True, timeout=120)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertIn("Progress(done=", ran.stdout)


@unittest.skipUnless(MYPY or NO_SKIP, "mypy is not there; pip install --target FOLDER mypy, CARDMINT_MYPY=FOLDER")
class Types(unittest.TestCase):
    def mypy(self, *args):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "PYTHONPATH": f"{PACKAGE.parent}{os.pathsep}{MYPY}", "MYPYPATH": str(PACKAGE.parent)}
            args = [sys.executable, "-B", *args]
            return subprocess.run(args, cwd=folder, env=environment, capture_output=True, text=True)

    def strict(self, path, *more):
        return self.mypy("-m", "mypy", "--strict", "--no-incremental", *more, str(path))

    def test_a_users_program_is_well_typed(self):
        ran = self.strict(HERE / "typed_program.py")
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_what_is_wrong_is_found(self):
        marked = [
            number
            for number, line in enumerate((HERE / "untyped_program.py").read_text("utf-8").splitlines(), 1)
            if line.endswith("# wrong")
        ]
        ran = self.strict(HERE / "untyped_program.py")
        found = sorted({int(number) for number in re.findall(r"untyped_program\.py:(\d+): error", ran.stdout)})
        self.assertEqual(found, marked, ran.stdout)

    def test_stubs_agree_with_the_module(self):
        ran = self.mypy("-m", "mypy.stubtest", "cardmint")
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_the_package_itself_is_strict(self):
        ran = self.strict(PACKAGE)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


if __name__ == "__main__":
    unittest.main()
