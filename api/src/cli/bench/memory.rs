//! How much memory this process holds, as Linux counts it; zero elsewhere.

fn status(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

pub fn now_mib() -> u64 {
    status("VmRSS")
}

/// The most since the start, or since [`forget_peak`].
pub fn peak_mib() -> u64 {
    status("VmHWM")
}

pub fn forget_peak() {
    // Where the kernel does not let us the peak is that of the whole life: more, never less.
    std::fs::write("/proc/self/clear_refs", "5").ok();
}
