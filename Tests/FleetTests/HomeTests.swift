import Foundation
import Testing

@testable import Fleet

/// A folder that is removed with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/pragma-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct HomeTests {
    @Test func `the flag goes before the variable, the variable before the parents, the parents before the user's home`() throws {
        let folder = try TemporaryFolder()
        let inner = folder.path + "/a/b"
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        let variables = ["HOME": "/home/u", "PRAGMA_HOME": "/srv/fleet"]
        #expect(Home.location(flag: "x", environment: variables, workingFolder: inner) == inner + "/x")
        #expect(Home.location(flag: "~/x", environment: variables, workingFolder: inner) == "/home/u/x")
        #expect(Home.location(flag: nil, environment: variables, workingFolder: inner) == "/srv/fleet")
        let bare = ["HOME": "/home/u"]
        #expect(Home.location(flag: nil, environment: bare, workingFolder: "/") == "/home/u/.pragma")
        try FileManager.default.createDirectory(atPath: folder.path + "/.pragma", withIntermediateDirectories: true)
        #expect(Home.location(flag: nil, environment: bare, workingFolder: inner) == folder.path + "/.pragma")
    }

    @Test func `a home that was made can be opened again`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/home"
        try Home.makeFolders(at: path)
        _ = try Home.describe(at: path, fleet: "test", created: "2026-01-01T00:00:00Z")
        #expect(try Home.open(path).fleet == "test")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test func `no home, a damaged one and one of another version each give their own error`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/home"
        #expect { try Home.open(path) } throws: { ($0 as? FleetError)?.code == .noFleet }
        try Home.makeFolders(at: path)
        try Files.write(Array("{".utf8), to: path + "/pragma.json")
        #expect { try Home.open(path) } throws: { "\($0)".contains("damaged") }
        try Files.write(Array(#"{"format": 7, "fleet": "x", "created": "y"}"#.utf8), to: path + "/pragma.json")
        #expect { try Home.open(path) } throws: { "\($0)".contains("layout is 7, this program has 1") }
    }

    @Test func `a line break in a reason makes no second line of the audit log`() throws {
        let folder = try TemporaryFolder()
        let audit = try AuditLog(folder.path + "/audit.log")
        audit.append("STOP fleet by a: b\n2026-01-01T00:00:00.000Z re-armed, epoch 9.9", wallMilliseconds: 0)
        let text = String(decoding: try Files.read(folder.path + "/audit.log"), as: UTF8.self)
        #expect(text == "1970-01-01T00:00:00.000Z STOP fleet by a: b 2026-01-01T00:00:00.000Z re-armed, epoch 9.9\n")
    }

    @Test func `socket paths stay below the kernel's limit in a home with a long path`() {
        let long = Home(path: "/" + String(repeating: "x", count: 200), fleet: "f")
        let short = Home(path: "/srv/fleet", fleet: "f")
        #expect(long.endpoint("telemetry").utf8.count < 107 + "ipc://".count)
        #expect(short.endpoint("jobs") == "ipc:///srv/fleet/run/jobs.sock")
    }

    @Test func `a lock is held by one at a time and tells who has it`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lock"
        var first: FileLock? = try FileLock(path, holder: "the coordinator")
        #expect(FileLock.isHeld(path))
        #expect { _ = try FileLock(path, holder: "another") } throws: { "\($0)".contains("the coordinator (pid ") }
        #expect(first != nil)
        first = nil
        #expect(!FileLock.isHeld(path))
        _ = try FileLock(path, holder: "another")
    }

    @Test func `looking at a lock never keeps anybody from taking it`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lock"
        _ = try FileLock(path, holder: "somebody before")
        // As in a start that `pragma status` watches: who looks and who takes the lock come at the same time.
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var held = 0
                    for _ in 0..<3000 where FileLock.isHeld(path) { held += 1 }
                    return held
                }
            }
            group.addTask {
                for _ in 0..<3000 { _ = try FileLock(path, holder: "the coordinator") }
                return 0
            }
            for try await _ in group {}
        }
        #expect(!FileLock.isHeld(path))
    }

    @Test func `a socket path that is too long says so, and no descriptor is left`() throws {
        let folder = try TemporaryFolder()
        let before = try Files.names(in: "/proc/self/fd").count
        for _ in 0..<100 {
            #expect { _ = try Notify.Receiver(folder.path + "/" + String(repeating: "x", count: 120)) } throws: {
                ($0 as? FleetError)?.code == .input && "\($0)".contains("107 bytes")
            }
        }
        // Other tests run beside this one.
        #expect(try Files.names(in: "/proc/self/fd").count < before + 100)
    }

    @Test func `a write to a full device names the remedy and leaves the old content`() throws {
        #expect { try Files.write([1, 2, 3], to: "/nonexistent/folder/file") } throws: {
            "\($0)".contains("/nonexistent/folder/file")
        }
        let folder = try TemporaryFolder()
        try Files.write([1], to: folder.path + "/f")
        try Files.write([2, 3], to: folder.path + "/f")
        #expect(try Files.read(folder.path + "/f") == [2, 3])
        #expect(try Files.names(in: folder.path) == ["f"])
        #expect { try Files.read(folder.path + "/f", limit: 1) } throws: { "\($0)".contains("larger") }
    }
}
