#!/usr/bin/env python3
"""The calls of `snakemake --sdm conda`, answered by py-rattler where there is no conda.

Stands as bin/conda in the folder of a conda installation, of which channels/ is the channel alias.
"""

import asyncio
import json
import shlex
import subprocess
import sys
from pathlib import Path

import rattler
import yaml

PREFIX = Path(__file__).absolute().parents[1]
CHANNELS = rattler.ChannelConfig(channel_alias=f"{PREFIX.as_uri()}/channels/")


async def link(channels: list[str], packages: list[str], prefix: str) -> None:
    """Install conda packages, with what they need, into an environment."""
    sources = [rattler.Channel(name, CHANNELS) for name in channels]
    records = await rattler.solve(sources, packages)
    await rattler.install(records, prefix, cache_dir=PREFIX / "pkgs", show_progress=False)


def create(file: str, prefix: str) -> None:
    """Make the environment of a file whose last dependency is its pip section."""
    environment = yaml.safe_load(Path(file).read_text())
    *packages, section = environment["dependencies"]
    asyncio.run(link(environment["channels"], packages, prefix))
    pip = [f"{prefix}/bin/python", "-m", "pip", "install"]
    # Compiling all modules takes longer than installing them; jobs compile what they import.
    subprocess.run([*pip, "--quiet", "--no-compile", *section["pip"]], check=True)


match sys.argv[1:]:
    case ["--version"]:
        print("conda 24.7.1")
    case ["info", "--json"]:
        print(json.dumps({"conda_prefix": str(PREFIX), "platform": str(rattler.Subdir.current())}))
    case ["config", "--get", "channel_priority", "--json"]:
        print(json.dumps({"get": {"channel_priority": "strict"}}))
    case ["env", "create", "--quiet", "--no-default-packages", "--file", file, "--prefix", prefix]:
        create(file, prefix)
    case ["clean", "-y", "--tarballs"]:
        pass  # Packages are kept unpacked only.
    case call:
        sys.exit(f"not answered here: conda {shlex.join(call)}")
