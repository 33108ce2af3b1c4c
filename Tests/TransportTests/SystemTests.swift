import COperatingSystem
import Glibc
import Testing
import Transport

/// The C shims that process supervision stands on.
@Suite struct SystemTests {
    /// Starts a program with its output in a pipe; its process id and the pipe's reading end.
    private func spawn(
        _ arguments: [String], environment: [String] = [], folder: String? = nil, inherited: Int32 = -1, group: Bool = true
    ) throws -> (pid: pid_t, output: Int32) {
        var ends: [Int32] = [0, 0]
        #expect(csystem_pipe(&ends) == 0)
        defer { close(ends[1]) }
        var pid: pid_t = 0
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        let place = folder.map { strdup($0) } ?? nil
        defer { for pointer in words + settings + [place] { free(pointer) } }
        var options = csystem_spawn_options(
            working_directory: place, standard_input: -1, standard_output: ends[1], standard_error: ends[1],
            inherited: inherited, new_process_group: group ? 1 : 0)
        let error = csystem_spawn(&pid, arguments[0], &words, &settings, &options)
        if error != 0 {
            close(ends[0])
            throw BenchError("spawn: \(error)")
        }
        return (pid, ends[0])
    }

    private func run(
        _ arguments: [String], environment: [String] = [], folder: String? = nil, inherited: Int32 = -1
    ) throws -> (output: String, status: Int32) {
        let child = try spawn(arguments, environment: environment, folder: folder, inherited: inherited)
        let output = readAll(child.output)
        var status: Int32 = 0
        #expect(waitpid(child.pid, &status, 0) == child.pid)
        return (output, status)
    }

    @Test func `a child has its own arguments, environment and folder and nothing else`() throws {
        let result = try run(["/bin/sh", "-c", "pwd; env; exit 7"], environment: ["ONLY=this"], folder: "/usr")
        #expect(csystem_exit_code(result.status) == 7)
        #expect(csystem_exit_signal(result.status) == 0)
        #expect(result.output.hasPrefix("/usr\n"))
        #expect(result.output.contains("ONLY=this\n"))
        #expect(!result.output.contains("HOME="))
    }

    @Test func `a child inherits no descriptor but those named`() throws {
        // Without close-on-exec, on purpose.
        let leak = open("/dev/null", O_RDONLY)
        defer { close(leak) }
        let bare = try run(["/bin/ls", "/proc/self/fd"])
        #expect(bare.output.split(separator: "\n") == ["0", "1", "2", "3"])
        let lifeline = try run(["/bin/ls", "/proc/self/fd"], inherited: leak)
        #expect(lifeline.output.split(separator: "\n") == ["0", "1", "2", "3", "4"])
    }

    @Test func `a group of processes is killed as one and a pidfd tells its end`() throws {
        let child = try spawn(["/bin/sh", "-c", "/bin/sleep 1000 & echo up; wait"])
        defer { close(child.output) }
        var byte: UInt8 = 0
        #expect(read(child.output, &byte, 1) == 1)
        #expect(getpgid(child.pid) == child.pid)
        let descriptor = csystem_pidfd(child.pid)
        defer { close(descriptor) }
        let transport = try ZeroMQTransport()
        let watched = transport.watch(descriptor: descriptor)
        var batch = Batch()
        try transport.wait(until: 0)
        _ = try transport.receive(into: &batch, limit: 1)
        #expect(batch.isEmpty)
        #expect(kill(-child.pid, SIGKILL) == 0)
        while batch.isEmpty {
            try transport.wait(until: nil)
            _ = try transport.receive(into: &batch, limit: 1)
        }
        #expect(batch.changes == [LinkChange(endpoint: watched, kind: .readable)])
        var status: Int32 = 0
        #expect(waitpid(child.pid, &status, 0) == child.pid)
        #expect(csystem_exit_signal(status) == SIGKILL)
        #expect(csystem_exit_code(status) == -1)
        // The grandchild had the pipe open: its end is the end of the group.
        #expect(readAll(child.output, closing: false).hasSuffix("\n"))
    }

    @Test func `a program that is not there is an error here, not in the child`() {
        #expect(throws: BenchError.self) { _ = try spawn(["/no/such/program"]) }
    }

    @Test(arguments: [false, true])
    func `the end of a watched pipe is a change`(isMemory: Bool) throws {
        var ends: [Int32] = [0, 0]
        #expect(csystem_pipe(&ends) == 0)
        let transport: any Transport = isMemory ? try MemoryTransport(MemoryNetwork()) : try ZeroMQTransport()
        let watched = transport.watch(descriptor: ends[0])
        close(ends[1])
        try transport.wait(until: nil)
        var batch = Batch()
        _ = try transport.receive(into: &batch, limit: 1)
        #expect(batch.changes == [LinkChange(endpoint: watched, kind: .readable)])
        transport.close(watched)
        close(ends[0])
        batch.removeAll()
        try transport.wait(until: 0)
        _ = try transport.receive(into: &batch, limit: 1)
        #expect(batch.isEmpty)
    }

    @Test func `a lock is held once`() throws {
        let folder = try TemporaryFolder()
        let first = open(folder.path + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        let second = open(folder.path + "/lock", O_RDWR | O_CLOEXEC)
        defer { close(second) }
        #expect(csystem_is_locked(second) == 0)
        #expect(csystem_lock(first) == 0)
        #expect(csystem_is_locked(first) == 0)
        #expect(csystem_is_locked(second) == 1)
        #expect(csystem_lock(second) == -1)
        #expect(errno == EWOULDBLOCK)
        close(first)
        #expect(csystem_lock(second) == 0)
        #expect(csystem_is_locked(-1) == -1)
    }

    @Test func `a thread of ours takes no signal that is meant for the process`() {
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { _ in
                guard csystem_begin_thread("a name that is too long") == 0 else { return nil }
                guard readAll(open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)) == "a name that is \n" else { return nil }
                var blocked = sigset_t()
                pthread_sigmask(SIG_SETMASK, nil, &blocked)
                let isBlocked = { (number: Int32) in
                    var set = blocked
                    return sigismember(&set, number) == 1
                }
                let isRight =
                    [SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1, SIGPIPE, SIGALRM, SIGWINCH].allSatisfy(isBlocked)
                    && ![SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGPROF].contains(where: isBlocked)
                return isRight ? UnsafeMutableRawPointer(bitPattern: 1) : nil
            }, nil)
        #expect(result == 0)
        var isRight: UnsafeMutableRawPointer?
        pthread_join(thread, &isRight)
        #expect(isRight != nil)
    }

    @Test func `the clock runs forward and the disk has a size`() {
        let before = MonotonicClock.now()
        #expect(before > 0)
        #expect(MonotonicClock.now() >= before)
        var available: UInt64 = 0
        var total: UInt64 = 0
        #expect(csystem_disk_space("/", &available, &total) == 0)
        #expect(total > 0 && available <= total)
        #expect(csystem_disk_space("/no/such/folder", &available, &total) == -1)
    }

    @Test func `the limit on descriptors is raised, never lowered`() {
        let now = OpenFiles.raiseLimit(to: 0)
        #expect(now > 0)
        #expect(OpenFiles.raiseLimit(to: now) == now)
        #expect(OpenFiles.raiseLimit(to: now + 1) >= now)
    }
}

/// Everything that comes out of a descriptor until its end.
func readAll(_ descriptor: Int32, closing: Bool = true) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { break }
        bytes += buffer.prefix(count)
    }
    if closing { close(descriptor) }
    return String(decoding: bytes, as: UTF8.self)
}
