import Glibc

/// The limit on open descriptors. libzmq aborts the process in several places when there are none left, and a server needs one
/// per peer: raise it before there are thousands.
package enum OpenFiles {
    /// Raises the soft limit as far as `wanted` and the hard limit allow and returns what it is now.
    @discardableResult
    package static func raiseLimit(to wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        let target = min(rlim_t(max(wanted, 0)), limit.rlim_max)
        if target > limit.rlim_cur {
            let former = limit.rlim_cur
            limit.rlim_cur = target
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { limit.rlim_cur = former }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
