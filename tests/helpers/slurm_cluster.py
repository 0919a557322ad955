"""A real Slurm on this machine alone: started and stopped without systemd, some virtual nodes."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

# Every submitted job starts a process that drops SLURM_CONF: only the usual place is looked at.
CONFIGURATION = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol")
CONTROLLER_PORT, FIRST_NODE_PORT = 26817, 27001
NODES = ("n1", "n2", "n3", "n4")

# Memory is watched by polling, since a container has no control groups to give away; a job that
# has ended must stay known for longer than Snakemake waits between two questions.
TEMPLATE = """\
ClusterName=netphase
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
ReturnToService=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
SlurmdParameters=config_overrides
SlurmdTimeout=60
KillWait=5
MinJobAge=600
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=500
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
PropagateResourceLimits=NONE
{nodes}
PartitionName=cpu Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class Slurm:
    """munged, slurmctld and one slurmd for each virtual node of one core, all in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self) -> None:
        """Bring all daemons up and wait until every node is idle.

        Raises
        ------
        RuntimeError : a program is missing, another Slurm is configured here, or a node stays down
        """
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing or os.geteuid() != 0:
            raise RuntimeError(
                f"these tests start a Slurm of their own, as root; not found: {missing}; "
                "on Debian: apt-get install slurm-wlm slurm-client munge"
            )
        if CONFIGURATION.exists() and not CONFIGURATION.is_symlink():
            raise RuntimeError(f"{CONFIGURATION} exists: another Slurm lives on this machine")
        (self.folder / "state").mkdir(parents=True)
        self._configure()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        Path("/run/munge").mkdir(exist_ok=True)
        self._daemon(
            "munged", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
            f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log",
            f"--seed-file={self.folder}/munged.seed",
        )  # fmt: skip
        self._daemon("slurmctld")
        for node in NODES:
            self._daemon("slurmd", "-N", node)
        self.wait_for(lambda: self.states() == dict.fromkeys(NODES, "idle"), "all nodes idle")

    def _configure(self) -> None:
        host = socket.gethostname().split(".")[0]
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 "
            "RealMemory=16000 State=UNKNOWN"
            for port, node in enumerate(NODES, FIRST_NODE_PORT)
        )
        ours = self.folder / "slurm.conf"
        ours.write_text(
            TEMPLATE.format(
                host=host, folder=self.folder, controller_port=CONTROLLER_PORT, nodes=nodes
            )
        )
        CONFIGURATION.parent.mkdir(exist_ok=True)
        CONFIGURATION.unlink(missing_ok=True)
        CONFIGURATION.symlink_to(ours)

    def _daemon(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, text=True)

    def stop(self) -> None:
        """Cancel all jobs, end all daemons, take the configuration away."""
        self.run("scancel", "--user=root")
        for name in (*(f"slurmd.{node}" for node in NODES), "slurmctld", "munged"):
            pid = self.folder / f"{name}.pid"
            if pid.exists():
                os.kill(int(pid.read_text()), signal.SIGTERM)
        CONFIGURATION.unlink(missing_ok=True)

    def run(self, *command: str) -> str:
        """Standard output of a Slurm command."""
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def states(self) -> dict[str, str]:
        """Node -> idle, alloc, down, ..."""
        rows = self.run("sinfo", "--noheader", "--Node", "--format=%N %t").splitlines()
        return dict(row.split() for row in rows)

    def jobs(self, *states: str) -> list[tuple[str, str, str]]:
        """(id, node, comment) of all jobs in the given states."""
        rows = self.run("squeue", "--noheader", f"--states={','.join(states)}", "--format=%i|%N|%k")
        return [tuple(row.split("|")) for row in rows.splitlines()]

    def wait_for(self, condition, what: str, seconds: float = 60):
        """The first true value of condition(); TimeoutError names what did not come."""
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {seconds:g} s")
            time.sleep(0.1)
        return value
