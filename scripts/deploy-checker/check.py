"""Checks the files in deploy beyond what linters do; see scripts/check-deploy.sh.

check.py MANIFESTS...     Kubernetes manifests, complete as kustomize renders them
"""

import json
import re
import sys
from pathlib import Path

import kubernetes_validate
import promql_parser
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"

# The oldest version that the manifests are meant for, and the newest known.
VERSIONS = ["1.30", kubernetes_validate.latest_version()]

# Kinds of other projects, which have no schema here.
WITHOUT_SCHEMA = {"ServiceMonitor"}

# What the Pod Security Standard "restricted" requires of a container.
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}

faults = []


def require(holds, fault):
    if not holds:
        faults.append(fault)


def name_of(resource):
    return f"{resource['kind']} {resource['metadata']['name']}"


def check_schema(resource):
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            require(resource["kind"] in WITHOUT_SCHEMA, f"{name_of(resource)}: no schema")
        except kubernetes_validate.ValidationError as error:
            place = ".".join(map(str, error.path))
            faults.append(f"{name_of(resource)} ({version}): {place}: {error.message}")


def template_of(resource):
    """Returns the pod template of a workload, or None."""
    if resource["kind"] == "CronJob":
        return resource["spec"]["jobTemplate"]["spec"]["template"]
    return resource.get("spec", {}).get("template")


def check_pod(name, spec, names):
    require(spec.get("enableServiceLinks") is False, f"{name}: service links are enabled")
    require(spec.get("automountServiceAccountToken") is False, f"{name}: a token is mounted")
    context = spec.get("securityContext", {})
    require(context.get("runAsNonRoot") is True, f"{name}: may run as root")
    require(context.get("seccompProfile") == {"type": "RuntimeDefault"}, f"{name}: no seccomp profile")
    for container in spec.get("initContainers", []) + spec["containers"]:
        place = f"{name}, {container['name']}"
        require(container.get("securityContext") == RESTRICTED, f"{place}: not restricted")
        resources = container.get("resources", {})
        require("memory" in resources.get("limits", {}), f"{place}: no limit of memory")
        require({"cpu", "memory"} <= set(resources.get("requests", {})), f"{place}: no requests")
        require(re.search(r":[^/:]+$", container["image"]), f"{place}: an image without a version")
        require(not container["image"].endswith(":latest"), f"{place}: any version of an image")
        for source in container.get("envFrom", []):
            secret = source["secretRef"]["name"]
            require(("Secret", secret) in names, f"{place}: no Secret {secret}")
    for volume in spec.get("volumes", []):
        if "secret" in volume:
            secret = volume["secret"]["secretName"]
            require(("Secret", secret) in names, f"{name}: no Secret {secret}")
        else:
            config = volume["configMap"]["name"]
            require(("ConfigMap", config) in names, f"{name}: no ConfigMap {config}")
    account = spec["serviceAccountName"]
    require(("ServiceAccount", account) in names, f"{name}: no ServiceAccount {account}")


def check_selectors(resources, labels):
    for resource in resources:
        spec = resource.get("spec", {})
        selector = spec.get("podSelector", spec.get("selector", {}))
        selector = selector.get("matchLabels", selector)
        if not selector or resource["kind"] == "ServiceMonitor":
            continue
        found = any(selector.items() <= of_pod.items() for of_pod in labels)
        require(found, f"{name_of(resource)}: selects no pod")


def check_manifests(text):
    resources = [resource for resource in yaml.safe_load_all(text) if resource]
    names = {(resource["kind"], resource["metadata"]["name"]) for resource in resources}
    require(len(names) == len(resources), "two resources of one name")
    labels = []
    for resource in resources:
        check_schema(resource)
        template = template_of(resource)
        if template:
            labels.append(template["metadata"]["labels"])
            check_pod(name_of(resource), template["spec"], names)
    require(len(labels) == 3, f"3 workloads expected, not {len(labels)}")
    check_selectors(resources, labels)
    ports = {port["name"] for r in resources if r["kind"] == "Service" for port in r["spec"]["ports"]}
    for monitor in (r for r in resources if r["kind"] == "ServiceMonitor"):
        for endpoint in monitor["spec"]["endpoints"]:
            require(endpoint["port"] in ports, f"{name_of(monitor)}: no port {endpoint['port']}")
            secret = endpoint["authorization"]["credentials"]["name"]
            require(("Secret", secret) in names, f"{name_of(monitor)}: no Secret {secret}")


def check_expression(place, expression):
    try:
        promql_parser.parse(expression.replace("$__rate_interval", "5m"))
    except ValueError as error:
        faults.append(f"{place}: {error}")


def check_alerts():
    groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    require(len({rule["alert"] for rule in rules}) == len(rules), "two alerts of one name")
    for rule in rules:
        check_expression(rule["alert"], rule["expr"])
        severity = rule["labels"]["severity"]
        require(severity in {"critical", "warning", "info"}, f"{rule['alert']}: severity {severity}")


def check_dashboard():
    panels = json.loads((DEPLOY / "grafana/engage.json").read_text())["panels"]
    require(len({panel["id"] for panel in panels}) == len(panels), "two panels of one id")
    taken = set()
    for panel in panels:
        for target in panel.get("targets", []):
            check_expression(panel["title"], target["expr"])
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        require(not cells & taken and at["x"] + at["w"] <= 24, f"{panel['title']}: no place")
        taken |= cells


def main():
    check_alerts()
    check_dashboard()
    for file in sys.argv[1:]:
        check_manifests(Path(file).read_text())
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
