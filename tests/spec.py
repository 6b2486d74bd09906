#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kmod/schedsplit.yaml says what kmod/uapi/schedsplit.h says.

Names and values of both are compared, and types by the header's comments. The
spec is also held against the kernel's schema, where scripts/kernel-source has
fetched that.
"""
import os
import re
import sys

try:
    import yaml
except ImportError:
    sys.exit("tests/spec.py: no module yaml: run scripts/setup test")

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEADER = os.path.join(TOP, "kmod/uapi/schedsplit.h")
SPEC = os.path.join(TOP, "kmod/schedsplit.yaml")
SCHEMAS = os.path.join(TOP, "build/source/Documentation/netlink")

# Counts of entries: not attributes, and not in the spec.
COUNTS = {"SCHEDSPLIT_CLASSES", "SCHEDSPLIT_SPACES", "SCHEDSPLIT_KINDS", "SCHEDSPLIT_ENDS",
          "SCHEDSPLIT_DISTANCES", "SCHEDSPLIT_CAUSES", "SCHEDSPLIT_LIVES",
          "SCHEDSPLIT_SIGNAL_TOS"}

failures = []


def check(condition, text):
    if not condition:
        failures.append(text)


def c_name(name):
    return name.replace("-", "_").upper()


class Header:
    """Enumerators, defines, and what comments say of attributes."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.defines = dict(re.findall(r"^#define\s+(SCHEDSPLIT_\w+)\s+(\"?\w+\"?)\s*$",
                                       text, re.MULTILINE))
        self.enums = {}        # name of the enum, or its first entry: {entry: value}
        self.comments = {}     # entry: text of the comment on its line
        for name, body in re.findall(r"^enum\s*(\w*)\s*\{\n(.*?)^\};", text,
                                     re.MULTILINE | re.DOTALL):
            entries = self.entries(body)
            self.enums[name or next(iter(entries))] = entries

    def entries(self, body):
        entries = {}
        for line in body.splitlines():
            match = re.match(r"\s*(\w+),\s*(?:/\*\s*(.*?)\s*\*/)?\s*$", line)
            if not match:
                sys.exit(f"{HEADER}: '{line}' is more than this parser knows")
            entries[match[1]] = len(entries)
            self.comments[match[1]] = match[2] or ""
        return entries


def compare(what, header, spec):
    """Both ways, so that neither may have more than the other."""
    for name, value in header.items():
        check(name in spec, f"{what}: the spec lacks {name}")
        check(name not in spec or spec[name] == value,
              f"{what}: {name} is {value} in the header, {spec.get(name)} in the spec")
    for name in spec:
        check(name in header, f"{what}: the header lacks {name}")


def without_ends(entries):
    """The enumerators that stand for something on the wire."""
    return {name: value for name, value in entries.items()
            if not name.startswith("__") and not name.endswith("_UNSPEC") and
            name not in COUNTS}


def check_definitions(header, spec):
    compared = 0
    for definition in spec["definitions"]:
        if definition["type"] == "const":
            name = "SCHEDSPLIT_" + c_name(definition["name"])
            check(header.defines.get(name) == str(definition["value"]),
                  f"{name} is {header.defines.get(name)} in the header, "
                  f"{definition['value']} in the spec")
            compared += 1
            continue
        enum = c_name(definition["enum-name"]).lower()
        values, value = {}, definition.get("value-start", 0)
        for entry in definition["entries"]:
            value = entry.get("value", value)
            values[c_name(definition["name-prefix"] + entry["name"])] = value
            value += 1
        compare(f"enum {enum}", without_ends(header.enums.pop(enum, {})), values)
        compared += len(values)
    return compared


def check_attributes(header, spec):
    compared = 0
    sets = {one["name"] for one in spec["attribute-sets"]}
    enums = {one["name"] for one in spec["definitions"] if one["type"] == "enum"}
    for attributes in spec["attribute-sets"]:
        prefix = attributes["name-prefix"]
        values, value = {}, 1
        for attribute in attributes["attributes"]:
            value = attribute.get("value", value)
            name = c_name(prefix + attribute["name"])
            values[name] = value
            value += 1
            said = "nest" if attribute["type"] == "nest" else attribute["type"]
            if attribute.get("multi-attr"):
                said += ", repeats"
            if attribute["type"] != "pad":
                check(header.comments.get(name) == said,
                      f"{name} is '{header.comments.get(name)}' in the header, "
                      f"'{said}' in the spec")
            check(attribute["type"] != "nest" or attribute.get("nested-attributes") in sets,
                  f"{name}: no attribute set '{attribute.get('nested-attributes')}'")
            check("enum" not in attribute or attribute["enum"] in enums,
                  f"{name}: no enum '{attribute.get('enum')}'")
        compare(f"attribute set {attributes['name']}",
                without_ends(header.enums.pop(c_name(prefix + "unspec"), {})), values)
        compared += len(values)
    return compared


def check_operations(header, spec):
    operations = spec["operations"]
    attributes = {one["name"]: {a["name"] for a in one["attributes"]}
                  for one in spec["attribute-sets"]}
    groups = {group["name"] for group in spec["mcast-groups"]["list"]}
    values, value = {}, 1
    for operation in operations["list"]:
        value = operation.get("value", value)
        name = c_name(operations["name-prefix"] + operation["name"])
        values[name] = value
        value += 1
        if "notify" in operation:
            check(operation.get("mcgrp") in groups, f"{name}: no multicast group for it")
            continue
        check(operation.get("flags") == ["admin-perm"], f"{name}: without admin-perm")
        for mode in "do", "dump":
            for way in "request", "reply":
                for attribute in operation.get(mode, {}).get(way, {}).get("attributes", []):
                    check(attribute in attributes[operation["attribute-set"]],
                          f"{name}: {mode} {way}: no attribute '{attribute}'")
    compare("enum schedsplit_cmd", without_ends(header.enums.pop("schedsplit_cmd", {})), values)
    compare("multicast groups",
            {define: text.strip('"') for define, text in header.defines.items()
             if define.startswith("SCHEDSPLIT_MCGRP_")},
            {"SCHEDSPLIT_MCGRP_" + c_name(group): group for group in groups})
    return len(values)


def check_family(header, spec):
    for key, value in (("c-family-name", f'"{spec["name"]}"'), ("c-version-name", "1")):
        define = c_name(spec[key])
        check(header.defines.get(define) == value,
              f"{define} is {header.defines.get(define)} in the header, {value} in the spec")


def check_schema(spec):
    """The kernel's schema, if it is here. Return: a word on it."""
    path = os.path.join(SCHEMAS, spec["protocol"] + ".yaml")
    if not os.path.exists(path):
        return "no schema here to hold it against (scripts/kernel-source fetches it)"
    try:
        import jsonschema
    except ImportError:
        return "no module jsonschema to hold it against the schema"
    with open(path, encoding="utf-8") as file:
        schema = yaml.safe_load(file)
    try:
        jsonschema.validate(spec, schema)
    except jsonschema.ValidationError as error:
        at = "/".join(str(part) for part in error.absolute_path)
        failures.append(f"schema {spec['protocol']}: at {at}: {error.message}")
    return f"held against the kernel's schema {spec['protocol']}"


def main():
    header = Header(HEADER)
    with open(SPEC, encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    check_family(header, spec)
    compared = check_definitions(header, spec)
    compared += check_attributes(header, spec)
    compared += check_operations(header, spec)
    for enum in header.enums:
        failures.append(f"the spec lacks all of the enum with {enum}")
    schema = check_schema(spec)
    for text in failures:
        print(f"spec: {text}")
    print(f"spec: {compared} names and values compared, {len(failures)} differences; {schema}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
