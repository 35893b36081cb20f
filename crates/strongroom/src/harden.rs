//! What the process gives up: dumps, debuggers, new privileges, every folder but its own, and the
//! system calls that a server of this kind never makes.

use std::{collections::BTreeMap, fs, io, os::unix::fs::MetadataExt as _, path::Path};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, PathBeneath, PathFd,
    Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use rustix::{
    fs::Mode,
    io::Errno,
    process::{
        DumpableBehavior, Resource, Rlimit, geteuid, set_dumpable_behavior, setrlimit, umask,
    },
    thread::{
        CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
    },
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

use crate::failure::Failure;

/// The newest rules of Landlock that are asked for; an older kernel enforces what it knows.
const LANDLOCK: ABI = ABI::V6;

/// What is refused with EPERM: running programs, new sockets, looking into other processes, loading
/// code into the kernel, changing what is mounted, ways around this filter, and keys kept by the
/// kernel.
const REFUSED: &[libc::c_long] = &[
    // Those that are needed are bound before; what connects to them is accepted, not made.
    libc::SYS_socket,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_personality,
];

/// The bit of the x32 numbers, by which x86-64 has each call a second time.
#[cfg(target_arch = "x86_64")]
const X32: i64 = 0x4000_0000;
/// Where x32 has a number of its own: execve, ptrace, process_vm_readv and _writev, execveat,
/// kexec_load.
#[cfg(target_arch = "x86_64")]
const REFUSED_X32: &[i64] = &[520, 521, 539, 540, 545, 528];

/// What the status says of a confinement that holds.
const ENFORCED: &str = "enforced";
/// And of one that does not.
const NOT_ENFORCED: &str = "not enforced";

/// First of all, in every command that comes to hold a root key: new files are their owner's
/// alone, no core is dumped, no debugger of the same user attaches, and no program gives more
/// rights.
pub(crate) fn start() -> Result<(), Failure> {
    let failed = |doing| move |error: Errno| Failure::during(doing, error);
    umask(Mode::RWXG | Mode::RWXO);
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(failed("forbid core dumps"))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed("forbid debuggers"))?;
    set_no_new_privs(true).map_err(failed("forbid new privileges"))
}

/// How far a process is confined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Confinement {
    /// By Landlock: `enforced`, `partly enforced` or `not enforced`.
    pub(crate) landlock: &'static str,
    /// By seccomp: `enforced` or `not enforced`.
    pub(crate) seccomp: &'static str,
    /// Whether it has given up all rights beyond those of its user: `dropped` or `kept`.
    pub(crate) privileges: &'static str,
    /// What is not enforced, in sentences.
    pub(crate) lacks: Vec<String>,
}

/// Confines this process to a folder, for good: afterwards it opens no file elsewhere, binds no
/// TCP port, makes no TCP connection (Landlock knows no UDP) and none of the refused system calls,
/// and is no longer above the permissions of files even as root.
///
/// Called by the first thread before there is another: threads inherit it. What the kernel does
/// not know is left out and told.
pub(crate) fn confine(folder: &Path) -> Confinement {
    let mut lacks = Vec::new();
    let privileges = match drop_privileges(folder) {
        Ok(kept) if kept.is_empty() => "dropped",
        Ok(_) => {
            lacks.push(format!(
                "{} or something in it belongs to another user, so the server keeps root's right \
                 to files of others; give it to the user that the server runs as",
                folder.display()
            ));
            "kept"
        }
        Err(error) => {
            lacks.push(format!("the rights beyond those of a user cannot be given up: {error}"));
            "kept"
        }
    };
    let landlock = match to_folder(folder) {
        Ok(RulesetStatus::FullyEnforced) => ENFORCED,
        Ok(RulesetStatus::PartiallyEnforced) => {
            lacks.push(
                "this kernel's Landlock is older than the rules: files are confined to the \
                 server's folder, sockets or signals are not"
                    .to_owned(),
            );
            "partly enforced"
        }
        Ok(RulesetStatus::NotEnforced) => {
            let lack = "this kernel has no Landlock: the server is not confined to its folder";
            lacks.push(lack.to_owned());
            NOT_ENFORCED
        }
        Err(error) => {
            lacks.push(format!("the server is not confined to its folder by Landlock: {error}"));
            NOT_ENFORCED
        }
    };
    let filtered = filter().and_then(|filter| seccompiler::apply_filter_all_threads(&filter));
    let seccomp = match filtered {
        Ok(()) => ENFORCED,
        Err(error) => {
            lacks.push(format!("system calls are not filtered by seccomp: {error}"));
            NOT_ENFORCED
        }
    };
    Confinement { landlock, seccomp, privileges, lacks }
}

/// Gives up the rights by which root is above others, for good, and says which are kept: that to
/// the files of other users where the server's are not all its user's.
fn drop_privileges(folder: &Path) -> Result<CapabilitySet, Errno> {
    let needed = match is_own(folder) {
        Ok(true) => CapabilitySet::empty(),
        _ => CapabilitySet::DAC_OVERRIDE,
    };
    for bit in 0..u64::BITS {
        // Who is not root may not, and need not: no program that is run gives more rights.
        let removed =
            remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << bit));
        if removed == Err(Errno::INVAL) {
            break; // The kernel knows no more of them.
        }
    }
    // They go with the others on a kernel that does not know this.
    let _ = clear_ambient_capability_set();
    let kept = needed & capabilities(None)?.permitted;
    let inheritable = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable })?;
    Ok(kept)
}

/// Whether a folder and what is directly in it belong to the user of this process.
fn is_own(folder: &Path) -> io::Result<bool> {
    let user = geteuid().as_raw();
    let mut own = folder.symlink_metadata()?.uid() == user;
    for item in fs::read_dir(folder)? {
        own &= item?.metadata()?.uid() == user;
    }
    Ok(own)
}

fn to_folder(folder: &Path) -> Result<RulesetStatus, Box<dyn std::error::Error>> {
    let all = AccessFs::from_all(LANDLOCK);
    let within = PathBeneath::new(PathFd::new(folder)?, all & !AccessFs::Execute);
    let restrict = || -> Result<_, RulesetError> {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(all)?
            .handle_access(AccessNet::from_all(LANDLOCK))?
            .scope(Scope::from_all(LANDLOCK))?
            .create()?
            .add_rule(within)?
            .restrict_self()
    };
    Ok(restrict()?.ruleset)
}

fn filter() -> Result<BpfProgram, seccompiler::Error> {
    let mut refused: Vec<i64> = REFUSED.to_vec();
    #[cfg(target_arch = "x86_64")]
    {
        refused.extend(REFUSED.iter().map(|call| call | X32));
        refused.extend(REFUSED_X32.iter().map(|call| call | X32));
    }
    // A call without conditions matches whatever its arguments are.
    let rules: BTreeMap<_, _> = refused.into_iter().map(|call| (call, Vec::new())).collect();
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let machine = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, machine)?;
    Ok(BpfProgram::try_from(filter)?)
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, os::unix::fs::chown, process::Command, thread};

    use super::*;

    /// Confinement of one thread is for that thread alone: other tests go on.
    fn on_a_thread_of_its_own<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
        thread::spawn(work).join().unwrap()
    }

    #[test]
    fn a_refused_system_call_is_not_permitted() {
        let error = on_a_thread_of_its_own(|| {
            set_no_new_privs(true).unwrap();
            seccompiler::apply_filter(&filter().unwrap()).unwrap();
            assert!(fs::read("/etc/passwd").is_ok());
            // Landlock knows of no UDP.
            let refused = std::net::UdpSocket::bind("127.0.0.1:0").unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
            Command::new("/bin/true").status().unwrap_err()
        });
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    }

    #[test]
    fn root_gives_up_all_it_does_not_need_for_its_own_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let kept = on_a_thread_of_its_own(move || {
            drop_privileges(&path).unwrap();
            fs::write(path.join("file"), b"x").unwrap();
            capabilities(None).unwrap()
        });
        let none = CapabilitySet::empty();
        assert_eq!((kept.effective, kept.permitted, kept.inheritable), (none, none, none));
    }

    #[test]
    fn root_keeps_the_way_to_files_that_are_another_users() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), b"x").unwrap();
        if !geteuid().is_root() || chown(folder.path().join("file"), Some(65534), None).is_err() {
            eprintln!("skipped: only root can give a file to another user");
            return;
        }
        let path = folder.path().to_owned();
        let kept = on_a_thread_of_its_own(move || {
            let kept = drop_privileges(&path).unwrap();
            fs::write(path.join("file"), b"y").unwrap();
            kept
        });
        assert_eq!(kept, CapabilitySet::DAC_OVERRIDE);
    }

    #[test]
    fn a_confined_thread_reaches_its_folder_alone() {
        let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let outside = other.path().join("file");
        fs::write(&outside, b"x").unwrap();
        let inside = own.path().join("folder");
        let folder = own.path().to_owned();
        let status = on_a_thread_of_its_own(move || {
            let status = to_folder(&folder).unwrap();
            if status != RulesetStatus::NotEnforced {
                fs::create_dir(&inside).unwrap();
                fs::write(inside.join("new"), b"x").unwrap();
                fs::rename(inside.join("new"), inside.join("file")).unwrap();
                assert_eq!(fs::read(inside.join("file")).unwrap(), b"x");
                let refused = ErrorKind::PermissionDenied;
                assert_eq!(fs::read(&outside).unwrap_err().kind(), refused);
                assert_eq!(fs::write(&outside, b"y").unwrap_err().kind(), refused);
                assert_eq!(fs::read_dir("/").unwrap_err().kind(), refused);
            }
            status
        });
        if status == RulesetStatus::NotEnforced {
            eprintln!("skipped: this kernel has no Landlock");
        }
    }
}
