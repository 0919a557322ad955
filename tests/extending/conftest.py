"""A copy of the repository in which a test writes as a newcomer would, and the touched files."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def git(workflow, *args):
    command = ["git", "-c", "user.name=newcomer", "-c", "user.email=newcomer@example.org", *args]
    done = subprocess.run(
        command, cwd=workflow.folder, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


@pytest.fixture
def touched():
    """Ask for the files of a copy that were changed or added; what git ignores does not count."""

    def ask(workflow) -> list[str]:
        lines = git(workflow, "status", "--porcelain", "--untracked-files=all").splitlines()
        return sorted(line[3:] for line in lines)

    return ask


@pytest.fixture
def clone(new_workflow):
    """The workflow with its tiny study, under git, and nothing computed."""
    workflow = new_workflow("clone")
    shutil.copy2(ROOT / ".gitignore", workflow / ".gitignore")
    git(workflow, "init", "--quiet")
    git(workflow, "add", ".")
    git(workflow, "commit", "--quiet", "--message", "As it was found")
    return workflow
