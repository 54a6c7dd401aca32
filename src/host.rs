//! What the operating system is told once, before anything else runs.

/// Prepares the process: names are resolved without the host's plug-ins, large memory goes back to the system, and a
/// file that outgrows its limit is an error instead of the end. What memory holds (passwords as they are typed, keys) is
/// never left behind in a core dump (C43).
///
/// A static glibc binary that lets getaddrinfo load the host's name-service modules dies of it on desktops whose
/// nsswitch.conf has more than `files dns`; so it is told to use just those two. `tests/static.sh` starts the
/// binary beside such a file.
#[allow(unsafe_code)] // Few calls of the C library, before any other thread exists; each only sets process-wide options.
pub fn prepare() {
    unsafe extern "C" {
        fn __nss_configure_lookup(database: *const libc::c_char, services: *const libc::c_char) -> libc::c_int;
    }
    // SAFETY: both texts end with a zero byte and live for ever; no other thread runs yet.
    unsafe {
        __nss_configure_lookup(c"hosts".as_ptr(), c"files dns".as_ptr());
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 20);
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        libc::umask(0o077);
        libc::setrlimit(libc::RLIMIT_CORE, &libc::rlimit { rlim_cur: 0, rlim_max: 0 });
    }
}
