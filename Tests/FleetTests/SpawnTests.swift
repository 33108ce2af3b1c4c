import COperatingSystem
import Foundation
import Testing

@testable import Fleet

@Suite struct SpawnTests {
    private func request(_ script: String) throws -> Spawn.Request {
        Spawn.Request(executable: "/bin/sh", arguments: ["-c", script], environment: [:], log: "/dev/null", lifeline: -1)
    }

    /// Waits until the descriptor of a process says that it has ended.
    private func waitForEnd(_ pidfd: Int32) {
        var waits = [pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)]
        while poll(&waits, 1, -1) < 0 {}
    }

    @Test func `a child that cannot be watched does not stay`() throws {
        var started: Int32 = 0
        #expect {
            _ = try Spawn.startWatched(try request("exec sleep 1000")) { pid in
                started = pid
                errno = EMFILE
                return -1
            }
        } throws: { "\($0)".contains("/bin/sh") && "\($0)".contains(String(cString: strerror(EMFILE))) }
        #expect(started > 0)
        // Killed and reaped: there is no such process, not even a dead one.
        #expect(kill(started, 0) == -1 && errno == ESRCH)
    }

    @Test func `a child is reaped when it has ended, with what it started`() throws {
        var ends: [Int32] = [0, 0]
        #expect(csystem_pipe(&ends) == 0)
        defer { close(ends[0]) }
        // The grandchild holds the pipe, which the child gets as number 3, and outlives the child.
        var asked = try request("sleep 1000 & read line; exit 7")
        asked.lifeline = ends[1]
        let (pid, pidfd) = try Spawn.startWatched(asked)
        close(ends[1])
        defer { close(pidfd) }
        waitForEnd(pidfd)
        #expect(Spawn.reap(pid) == .code(7))
        #expect(Spawn.reap(pid) == nil)
        // The end of the pipe is the end of everybody who had it.
        var byte: UInt8 = 0
        #expect(read(ends[0], &byte, 1) == 0)
    }

    @Test func `a child that lives is not reaped, and none of its group is touched`() throws {
        let (pid, pidfd) = try Spawn.startWatched(try request("exec sleep 1000"))
        defer { close(pidfd) }
        for _ in 0..<100 { #expect(Spawn.reap(pid) == nil) }
        #expect(kill(pid, 0) == 0)
        kill(pid, SIGTERM)
        waitForEnd(pidfd)
        #expect(Spawn.reap(pid) == .signal(SIGTERM))
    }
}
