"""The labs by name: each is a context manager that yields its facts."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from opsbook.labs.databases import (
    build_databases,
    build_mariadb,
    build_mysql,
    databases_lab,
    mariadb_lab,
    mysql_lab,
)
from opsbook.labs.disk import disk_lab
from opsbook.labs.docker import build as build_docker
from opsbook.labs.docker import docker_lab
from opsbook.labs.git import git_lab
from opsbook.labs.index import build as build_index
from opsbook.labs.index import index_lab
from opsbook.labs.machines import Machine
from opsbook.labs.podman import podman_lab
from opsbook.labs.python import python_lab
from opsbook.labs.ssh import ssh_lab
from opsbook.labs.vm import build as build_vm
from opsbook.labs.vm import vm_lab


class Lab(Protocol):
    """What every lab tells; the first machine is the one that a reader sits at."""

    @property
    def machines(self) -> Mapping[str, Machine]:
        """The machines by name."""

    @property
    def versions(self) -> Mapping[str, str]:
        """The components by name, with the version that each tells of itself."""

    @property
    def banner(self) -> str:
        """What a reader finds there, in a line or two."""


LABS: Mapping[str, Callable[[], AbstractContextManager[Lab]]] = {
    "databases": databases_lab,
    "disk": disk_lab,
    "docker": docker_lab,
    "git": git_lab,
    "index": index_lab,
    "mariadb": mariadb_lab,
    "mysql": mysql_lab,
    "podman": podman_lab,
    "python": python_lab,
    "ssh": ssh_lab,
    "vm": vm_lab,
}
# What a lab needs that takes minutes to make; it is made once and kept in the user's cache.
BUILDS: Mapping[str, Callable[[Callable[[str], None]], Path]] = {
    "databases": build_databases,
    "docker": build_docker,
    "index": build_index,
    "mariadb": build_mariadb,
    "mysql": build_mysql,
    "vm": build_vm,
}
