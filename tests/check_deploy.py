"""Checks the files in deploy/: they parse, the chart renders, and `glyph serve` knows every option in them.

python tests/check_deploy.py PROGRAM, in an environment that has tests/requirements.txt. PROGRAM is the built `glyph`.
With `helm`, the chart is linted and rendered by it; without, by the part of its template language in this file, which
the chart does not exceed. `systemd-analyze`, `nginx` and `caddy` check their files where they are installed.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
CHART = DEPLOY / "helm" / "glyph"
# Of the image, in packaging/Dockerfile.
IMAGE_ARGUMENTS = ["--bind", "0.0.0.0:8080"]
VALUES = {
    "models": {"claim": "models", "names": ["mine", "other"]},
    "tokens": {"secret": "tokens", "rate": 50, "concurrency": 8},
    "extraArguments": ["--batch", "32"],
    "allowedHosts": ["digits.default.svc"],
    "ingress": {"enabled": True},
}
ACTION = re.compile(r"(\s*)\{\{(-?)\s*(.*?)\s*(-?)\}\}(\s*)", re.DOTALL)


def merged(values, others):
    """Helm's rule: maps are merged, everything else is replaced."""
    if not (isinstance(values, dict) and isinstance(others, dict)):
        return others
    return {key: merged(values.get(key), others[key]) if key in others else values[key] for key in {**values, **others}}


def tokens(text):
    """The texts and actions of a template, with the white space that `{{-` and `-}}` remove already removed."""
    position = 0
    found = []
    while match := ACTION.search(text, position):
        before, trims_before, action, trims_after, after = match.groups()
        found.append(("text", text[position : match.start()] + ("" if trims_before else before)))
        found.append(("action", action))
        # The space behind an action may be the space in front of the next one.
        position = match.end() if trims_after else match.end() - len(after)
    return [*found, ("text", text[position:])]


def parse(stream, definitions):
    """A list of texts, expressions and blocks up to the matching `end`."""
    nodes = []
    for kind, content in stream:
        word, _, rest = content.partition(" ")
        if kind == "text":
            nodes.append(("text", content))
        elif word == "end":
            return nodes
        elif word == "define":
            definitions[rest.strip('"')] = parse(stream, definitions)
        elif word in ("if", "range"):
            nodes.append((word, rest, parse(stream, definitions)))
        else:
            nodes.append(("expression", content))
    return nodes


def operand(text, scope):
    if text.startswith('"'):
        return text[1:-1]
    if text.isdigit():
        return int(text)
    value = scope["."]
    assert text.startswith("."), f"the chart exceeds what this check understands: {text}"
    for name in filter(None, text.split(".")):
        value = value[name]
    return value


def evaluate(expression, scope, definitions):
    value = None
    for index, command in enumerate(expression.split("|")):
        name, *words = re.findall(r'"[^"]*"|\S+', command)
        arguments = [operand(word, scope) for word in words] + ([value] if index else [])
        if name == "include":
            value = render(definitions[arguments[0]], {".": arguments[1]}, definitions)
        elif name == "nindent":
            width, text = arguments
            value = "\n" + "\n".join(" " * width + line for line in text.splitlines())
        elif name == "toYaml":
            value = yaml.safe_dump(arguments[0], sort_keys=False).strip()
        elif name == "quote":
            value = '"' + str(arguments[0]).replace("\\", "\\\\").replace('"', '\\"') + '"'
        elif name == "printf":
            value = arguments[0] % tuple(arguments[1:])
        else:
            value = operand(name, scope)
    return value


def render(nodes, scope, definitions):
    text = ""
    for kind, content, *block in nodes:
        if kind == "text":
            text += content
        elif kind == "expression":
            text += str(evaluate(content, scope, definitions))
        elif kind == "if":
            text += render(block[0], scope, definitions) if operand(content, scope) else ""
        else:
            text += "".join(render(block[0], {".": item}, definitions) for item in operand(content, scope))
    return text


def rendered_here(values):
    definitions = {}
    scope = {".": {"Values": values, "Release": {"Name": "test"}}}
    texts = []
    for path in sorted((CHART / "templates").iterdir()):
        texts.append(render(parse(iter(tokens(path.read_text())), definitions), scope, definitions))
    return "\n---\n".join(texts)


def rendered_by_helm(values):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values, file)
        file.flush()
        subprocess.run(["helm", "lint", "--strict", CHART, "--values", file.name], check=True)
        command = ["helm", "template", "test", CHART, "--values", file.name]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check_arguments(program, arguments):
    """`--help` is shown only if the arguments before it are known."""
    command = [program, "serve", *map(str, arguments), "--help"]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, (arguments, found.stderr)


def check_objects(objects, program):
    """What the API server would refuse, and what a hardened pod must have."""
    by_kind = {found["kind"]: found for found in objects}
    for found in objects:
        assert found["apiVersion"] and found["metadata"]["name"] == "test", found
    pod = by_kind["Deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"]
    for selector in (
        by_kind["Deployment"]["spec"]["selector"]["matchLabels"],
        by_kind["Service"]["spec"]["selector"],
        by_kind["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items(), selector
    [container] = pod["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}
    assert ports == {port["targetPort"] for port in by_kind["Service"]["spec"]["ports"]}
    assert pod["spec"]["securityContext"]["runAsNonRoot"] and not pod["spec"]["automountServiceAccountToken"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] in ports
    mounts = {mount["name"] for mount in container["volumeMounts"] or []}
    assert mounts == {volume["name"] for volume in pod["spec"]["volumes"] or []}
    assert all(isinstance(argument, str) for argument in container["args"]), container["args"]
    check_arguments(program, IMAGE_ARGUMENTS + container["args"])
    return by_kind


def check_chart(program):
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["apiVersion"] == "v2"
    by_helm = shutil.which("helm") is not None
    kinds = {"Deployment", "Service", "NetworkPolicy"}
    for changes, expected in [({}, kinds), (VALUES, kinds | {"Ingress"})]:
        values = merged(defaults, changes)
        text = rendered_by_helm(values) if by_helm else rendered_here(values)
        objects = [found for found in yaml.safe_load_all(text) if found]
        found = check_objects(objects, program)
        assert found.keys() == expected, found.keys()
        names = [argument for argument in found["Deployment"]["spec"]["template"]["spec"]["containers"][0]["args"]]
        assert ("/models/mine" in names) == ("--token-file" in names) == bool(changes), names
    return "helm" if by_helm else "this check: helm is not installed"


def check_compose(program):
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    service = compose["services"]["glyph"]
    assert service["read_only"] and service["cap_drop"] == ["ALL"] and "ports" not in service
    assert set(service["secrets"]) <= compose["secrets"].keys()
    for found in compose["services"].values():
        assert set(found["networks"]) <= compose["networks"].keys()
    check_arguments(program, IMAGE_ARGUMENTS + service["command"])


def check_unit(program):
    unit = (DEPLOY / "systemd" / "glyph.service").read_text()
    [command] = re.findall(r"^ExecStart=/usr/local/bin/glyph serve (.*)$", unit, re.MULTILINE)
    check_arguments(program, command.split())
    if shutil.which("systemd-analyze") is None:
        return "skipped"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "glyph.service"
        path.write_text(unit.replace("/usr/local/bin/glyph", str(Path(program).resolve())))
        verified = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)
        assert verified.returncode == 0 and "glyph.service" not in verified.stderr, verified.stderr
    return "verified"


def check_caddy():
    if shutil.which("caddy") is None:
        return "skipped"
    subprocess.run(["caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"], check=True)
    return "verified"


def check_nginx():
    """Inside of the `http` that the file is meant for, with a certificate that exists."""
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        return "skipped"
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        text = (DEPLOY / "nginx.conf").read_text()
        text = re.sub(r"(ssl_certificate_key) .*;", rf"\1 {key};", text)
        text = re.sub(r"(ssl_certificate) .*;", rf"\1 {certificate};", text)
        path = Path(folder) / "nginx.conf"
        # Otherwise it would create folders that only root may create.
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = " ".join(f"{kind}_temp_path {folder}/temporary;" for kind in kinds)
        path.write_text(f"pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {folders} {text} }}\n")
        subprocess.run(["nginx", "-t", "-q", "-c", path], check=True)
    return "verified"


def main(program):
    check_compose(program)
    print(f"chart: rendered by {check_chart(program)}")
    print(f"systemd unit: {check_unit(program)}; Caddyfile: {check_caddy()}; nginx.conf: {check_nginx()}")


if __name__ == "__main__":
    main(sys.argv[1])
