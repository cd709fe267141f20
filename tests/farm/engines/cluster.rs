//! A throw-away Slurm of several virtual nodes on this machine: its own keys, ports and folder, no
//! system service, gone when dropped.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Nodes of the cluster, one core each, with a GPU that is none.
pub const N_NODES: usize = 4;

/// The daemons, ended when dropped.
pub struct Cluster {
    folder: tempfile::TempDir,
    controllers: Vec<Child>,
    nodes: Vec<Option<Child>>,
}

impl Cluster {
    /// Starts one and waits until every node is idle.
    pub fn start() -> Self {
        // The daemons refuse folders that others may write to, and long socket names.
        let folder = tempfile::Builder::new()
            .prefix("slurm")
            .tempdir_in("/tmp")
            .unwrap();
        let path = folder.path().to_owned();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        for name in ["munge", "state", "spool", "log"] {
            fs::create_dir(path.join(name)).unwrap();
        }
        let mut cluster = Self {
            folder,
            controllers: Vec::new(),
            nodes: Vec::new(),
        };
        cluster.start_munge();
        cluster.configure();
        let controller = cluster.daemon("slurmctld").arg("-D").spawn().unwrap();
        cluster.controllers.push(controller);
        for node in 1..=N_NODES {
            fs::create_dir(path.join(format!("spool/n{node}"))).unwrap();
            let name = format!("n{node}");
            let child = cluster
                .daemon("slurmd")
                .args(["-D", "-N", &name])
                .spawn()
                .unwrap();
            cluster.nodes.push(Some(child));
        }
        cluster.wait(
            "every node to be idle",
            Duration::from_secs(60),
            |cluster| {
                let idle = cluster.ask("sinfo", &["-h", "-N", "-t", "idle", "-o", "%N"]);
                idle.lines().count() >= N_NODES
            },
        );
        cluster
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What a program must have in its environment to talk to the cluster.
    pub fn config(&self) -> PathBuf {
        self.path().join("slurm.conf")
    }

    /// What a client of the cluster prints.
    pub fn ask(&self, program: &str, words: &[&str]) -> String {
        let output = Command::new(program)
            .args(words)
            .env("SLURM_CONF", self.config())
            .output();
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    }

    /// Waits until `is_true`.
    pub fn wait(&self, what: &str, limit: Duration, is_true: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_true(self) {
            let state = || self.ask("squeue", &["-a"]) + &self.ask("sinfo", &["-N"]);
            assert!(began.elapsed() < limit, "waited for {what}:\n{}", state());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends the daemon of node `number`, from 1, without notice.
    pub fn kill_node(&mut self, number: usize) {
        let node = self.nodes[number - 1].take().unwrap();
        end(node);
    }

    fn start_munge(&mut self) {
        let munge = self.path().join("munge");
        let at = |name: &str| munge.join(name);
        let mode = |path: &Path, mode: u32| {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            fs::set_permissions(path, mode).unwrap();
        };
        let mut key = [0; 256];
        let mut random = fs::File::open("/dev/urandom").unwrap();
        random.read_exact(&mut key).unwrap();
        fs::write(at("key"), key).unwrap();
        mode(&at("key"), 0o600);
        mode(&munge, 0o755);
        let option = |name: &str, file: &str| format!("--{name}={}", at(file).display());
        let child = Command::new("munged")
            .args(["--foreground", "--force"])
            .args([option("key-file", "key"), option("socket", "socket")])
            .args([option("pid-file", "pid"), option("log-file", "log")])
            .arg(option("seed-file", "seed"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.controllers.push(child);
        let socket = at("socket");
        self.wait("munge", Duration::from_secs(20), |_| socket.exists());
    }

    fn configure(&self) {
        let folder = self.path().display();
        let host = printed_line(Command::new("hostname").arg("-s"));
        let user = printed_line(Command::new("id").arg("-un"));
        // Ports that a cluster beside this one has not: by this process's number.
        let port = 20_000 + std::process::id() % 1500 * 8;
        let (first, last) = (port + 1, port + N_NODES as u32);
        // What is requeued waits for its credential to expire, two minutes if it is said to be less than five seconds.
        // Of GPUs only the count is checked, and that the file is a character device.
        let config = format!(
            "ClusterName=test\n\
             SlurmctldHost={host}(127.0.0.1)\n\
             SlurmctldPort={port}\n\
             CommunicationParameters=NoCtldInAddrAny,NoInAddrAny\n\
             AuthType=auth/munge\n\
             AuthInfo=socket={folder}/munge/socket,cred_expire=5\n\
             CredType=cred/munge\n\
             SlurmUser={user}\n\
             SlurmdUser={user}\n\
             StateSaveLocation={folder}/state\n\
             SlurmdSpoolDir={folder}/spool/%n\n\
             SlurmctldPidFile={folder}/slurmctld.pid\n\
             SlurmdPidFile={folder}/%n.pid\n\
             SlurmctldLogFile={folder}/log/slurmctld\n\
             SlurmdLogFile={folder}/log/%n\n\
             ProctrackType=proctrack/linuxproc\n\
             TaskPlugin=task/none\n\
             JobAcctGatherType=jobacct_gather/none\n\
             AccountingStorageType=accounting_storage/none\n\
             SelectType=select/cons_tres\n\
             SelectTypeParameters=CR_Core\n\
             SchedulerType=sched/backfill\n\
             SchedulerParameters=sched_min_interval=50000,sched_interval=2,bf_interval=2,batch_sched_delay=0\n\
             SlurmdParameters=config_overrides\n\
             MaxArraySize=3\n\
             MinJobAge=300\n\
             JobRequeue=1\n\
             ReturnToService=2\n\
             SlurmctldTimeout=20\n\
             SlurmdTimeout=5\n\
             MessageTimeout=4\n\
             KillWait=2\n\
             MpiDefault=none\n\
             SwitchType=switch/none\n\
             GresTypes=gpu\n\
             NodeName=n[1-{N_NODES}] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{first}-{last}] \
             CPUs=1 RealMemory=1024 Gres=gpu:test:1 State=UNKNOWN\n\
             PartitionName=render Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n"
        );
        fs::write(self.config(), config).unwrap();
        let gres =
            format!("AutoDetect=off\nNodeName=n[1-{N_NODES}] Name=gpu Type=test File=/dev/null\n");
        fs::write(self.path().join("gres.conf"), gres).unwrap();
    }

    /// A daemon of the cluster, to be spawned.
    fn daemon(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("-f").arg(self.config());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // What still runs belongs to a test that failed.
        self.ask("scancel", &["--full", "--signal=KILL", "--state=RUNNING"]);
        for child in self
            .nodes
            .drain(..)
            .flatten()
            .chain(self.controllers.drain(..).rev())
        {
            end(child);
        }
    }
}

fn end(mut child: Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn printed_line(command: &mut Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
