import Foundation
import Glibc
import Halt
import Testing

@testable import Fleet

/// The `HALT` file and the slots of a latch as files.
@Suite struct HaltFileTests {
    private func make(_ path: String, _ action: HaltAction = .halt) -> FleetError? {
        HaltFileProbe.create(path, action: action, reason: "drill", operator: "me", wall: "now")
    }

    @Test func `a pipe in the place of the HALT file stops and keeps nobody waiting`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/HALT"
        #expect(mkfifo(path, 0o600) == 0)
        #expect(HaltFileProbe(path).look()?.action == .halt)
    }

    @Test func `a stop makes an existing HALT file a new one and never a weaker one`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/HALT"
        #expect(make(path, .flatten) == nil)
        let first = try #require(HaltFileProbe(path).look())
        // The clock of a file system is coarse: the same tick would be the same time.
        var now = first
        for _ in 0..<1000 where now.identity == first.identity {
            usleep(1000)
            #expect(make(path, .halt) == nil)
            now = try #require(HaltFileProbe(path).look())
        }
        #expect(now.identity != first.identity && now.action == .flatten)
        #expect(make(folder.path + "/OTHER", .halt) == nil && make(folder.path + "/OTHER", .cancel) == nil)
        #expect(HaltFileProbe(folder.path + "/OTHER").look()?.action == .cancel)
    }

    @Test func `where the HALT file cannot be written an empty one is made, and the failure is told`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/HALT"
        // In the place of the temporary file.
        #expect(mkdir(path + ".new-\(getpid())", 0o700) == 0)
        #expect(make(path) != nil)
        #expect(HaltFileProbe(path).look()?.action == .halt)
        #expect(make(folder.path + "/none/HALT") != nil)
        #expect(HaltFileProbe(folder.path + "/none/HALT").look() == nil)
    }

    @Test func `only the HALT file that was lifted is removed`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/HALT"
        #expect(make(path) == nil)
        let lifted = try #require(HaltFileProbe(path).look())
        try Files.write(Array("action: cancel\n".utf8), to: path)
        try HaltFileProbe.remove(path, identity: lifted.identity)
        let other = try #require(HaltFileProbe(path).look())
        #expect(other.action == .cancel)
        try HaltFileProbe.remove(path, identity: other.identity)
        #expect(try Files.names(in: folder.path).isEmpty)
        try HaltFileProbe.remove(path, identity: other.identity)
    }

    @Test func `a HALT file that cannot be removed is an error`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/HALT"
        #expect(mkdir(path, 0o700) == 0)
        let file = try #require(HaltFileProbe(path).look())
        #expect(throws: FleetError.self) { try HaltFileProbe.remove(path, identity: file.identity) }
        #expect(HaltFileProbe(path).look() != nil)
    }

    @Test func `a latch of several large states is read again`() throws {
        let folder = try TemporaryFolder()
        let latch = LatchFiles(folder.path + "/a.latch")
        let payload = [UInt8](repeating: 7, count: 3 << 20)
        try latch.write(kind: .member, sequence: 5, payload: payload)
        guard case .found(5, payload, _, let damage) = LatchSlot.choose(latch.read(), kind: .member) else {
            Issue.record("the latch was not read")
            return
        }
        #expect(damage.isEmpty)
    }

    @Test func `the damaged slot of a latch is written first`() throws {
        let folder = try TemporaryFolder()
        let latch = LatchFiles(folder.path + "/a.latch")
        try latch.write(kind: .member, sequence: 1, payload: [1])
        try Files.write([0], to: folder.path + "/a.latch.1")
        // Nothing can be written in the place of the whole slot.
        #expect(mkdir(folder.path + "/a.latch.0.new", 0o700) == 0)
        var placement = latch.placement(.member)
        #expect(throws: FleetError.self) {
            try latch.write(kind: .member, sequence: 2, payload: [2], placement: &placement)
        }
        guard case .found(2, [2], _, []) = LatchSlot.choose(latch.read(), kind: .member) else {
            Issue.record("the newer content is not there")
            return
        }
    }

    @Test func `a folder of sockets that is another's, open to others, or a link is not trusted`() throws {
        let folder = try TemporaryFolder()
        let own = folder.path + "/own"
        #expect(mkdir(own, 0o700) == 0)
        try Home.checkOwn(own)
        try Home.checkOwn(folder.path + "/none")
        #expect(symlink(own, folder.path + "/link") == 0)
        #expect(throws: FleetError.self) { try Home.checkOwn(folder.path + "/link") }
        #expect(chmod(own, 0o777) == 0)
        #expect(throws: FleetError.self) { try Home.checkOwn(own) }
    }
}
