//! What the operating system knows about this process.

/// Clock ticks a second in `/proc/self/stat`; Linux shows user space 100 on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU time this process has spent in user mode so far, seconds; `None` where the system does not
/// tell by `/proc`.
#[must_use]
pub fn user_cpu_s() -> Option<f64> {
    parse_user_cpu_s(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

/// Most memory this process has had resident at once, bytes; `None` where the system does not tell
/// by `/proc`.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    parse_peak_memory_bytes(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// Makes [`peak_memory_bytes`] forget what was resident before, where the system can.
pub fn forget_peak_memory() {
    give_back_free_memory();
    // 5 resets the peak: proc(5). Without it, the peak is that of all that was done so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Has the system get back what is large as soon as it is freed. For a program to call before it has threads.
///
/// The C library would learn from what is freed, up to 32 MiB, what is worth keeping: about the size of a film. It was
/// left to chance whether the second frame of a sequence took a film's memory more than the first.
pub(crate) fn return_large_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "only the C library knows its own settings")]
    // SAFETY: they take numbers, and there are no threads yet that could be at them: mallopt(3)
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 16 << 20);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 8 << 20);
    }
}

/// What was freed stays resident for as long as the C library thinks it may be wanted again; what one frame no longer
/// needs is not the next one's.
fn give_back_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(
        unsafe_code,
        reason = "only the C library knows what of its memory is free"
    )]
    // SAFETY: it takes a number and locks what it touches: malloc_trim(3)
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Field 14, `utime`. The second field is the program's name in parentheses, which may itself hold
/// spaces and parentheses.
fn parse_user_cpu_s(stat: &str) -> Option<f64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let ticks: f64 = after_name.split_whitespace().nth(11)?.parse().ok()?;
    Some(ticks / TICKS_PER_SECOND)
}

fn parse_peak_memory_bytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_time_of_a_program_with_a_strange_name() {
        let stat = "7 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 250 12 13 14";
        assert_eq!(parse_user_cpu_s(stat), Some(2.5));
        assert_eq!(parse_user_cpu_s("7 (a) R 1"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peak_is_forgotten() {
        // Too much for other tests, which run beside this one, to hide.
        const LARGE: usize = 1 << 30;
        drop(std::hint::black_box(vec![1_u8; LARGE]));
        assert!(peak_memory_bytes() > Some(LARGE as u64));
        forget_peak_memory();
        assert!(peak_memory_bytes() < Some(LARGE as u64));
    }

    #[test]
    fn peak_memory() {
        let status = "Name:\tx\nVmPeak:\t  999 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 5 kB\n";
        assert_eq!(parse_peak_memory_bytes(status), Some(1234 * 1024));
        assert_eq!(parse_peak_memory_bytes("Name:\tx\n"), None);
    }
}
