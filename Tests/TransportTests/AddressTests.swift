import Glibc
import Testing
import Transport

@Suite struct AddressTests {
    @Test(arguments: [
        ("ipc:///run/pragma/jobs", true), ("tcp://127.0.0.1:5000", true), ("tcp://127.9.9.9:1", true),
        ("tcp://localhost:5000", true), ("tcp://[::1]:5000", true), ("tcp://*:5000", false), ("tcp://0.0.0.0:5000", false),
        ("tcp://10.1.2.3:5000", false), ("tcp://example.org:5000", false), ("tcp://[fe80::1%eth0]:9", false),
        ("tcp://127.0.0.1.example.org:80", false), ("tcp://127.1:80", false), ("tcp://[::]:80", false),
    ])
    func `an address is read, written the same and known as local or not`(text: String, isLocal: Bool) throws {
        let address = try Address(text)
        #expect(address.description == text)
        #expect(address.isLocal == isLocal)
    }

    @Test(arguments: [
        "", "ipc://", "ipc://relative/path", "ipc://@abstract", "ipc:///folder/", "tcp://", "tcp://host", "tcp://:5000",
        "tcp://host:", "tcp://host:65536", "tcp://host:-1", "tcp://host:+1", "tcp://host:5x", "tcp://ho st:5", "tcp://ho;st:5",
        "tcp://a:b:5", "tcp://*x:5", "udp://host:5", "inproc://zeromq.zap.01", "ipc:///a\0b",
    ])
    func `what is no address is refused with the text`(text: String) throws {
        let error = #expect(throws: TransportError.self) { _ = try Address(text) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.description.contains(text) == true)
    }

    @Test func `a socket's path may have 107 bytes`() throws {
        let name = String(repeating: "x", count: Address.longestPath - 1)
        _ = try Address.ipc("/" + name)
        let error = #expect(throws: TransportError.self) { _ = try Address.ipc("/" + name + "x") }
        #expect(error?.description.contains("108 bytes") == true)
    }

    @Test func `the longest path works`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/" + String(repeating: "x", count: Address.longestPath - folder.path.utf8.count - 1)
        let transport = try ZeroMQTransport()
        let server = try transport.open(.server(.ipc(path)))
        #expect(transport.address(of: server)?.description == "ipc://" + path)
    }
}

@Suite struct SocketFileTests {
    private func mode(_ path: String) -> mode_t {
        var status = stat()
        #expect(stat(path, &status) == 0)
        return status.st_mode & 0o777
    }

    private func refusal(_ path: String) throws -> TransportError? {
        let transport = try ZeroMQTransport()
        return #expect(throws: TransportError.self) { _ = try transport.open(.server(.ipc(path))) }
    }

    @Test func `a socket's folder is made and both are closed to others`() throws {
        let outer = try TemporaryFolder()
        let folder = outer.path + "/run"
        let transport = try ZeroMQTransport()
        let server = try transport.open(.server(.ipc(folder + "/s")))
        #expect(mode(folder) == 0o700)
        #expect(mode(folder + "/s") == 0o600)
        transport.close(server)
        unlink(folder + "/s")
        rmdir(folder)
    }

    @Test func `a folder open to others is refused`() throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o750)
        let error = try refusal(folder.path + "/s")
        #expect(error?.code == .unusablePath)
        #expect(error?.description.contains("chmod 700 " + folder.path) == true)
    }

    @Test func `a folder that cannot be made is named`() throws {
        let folder = try TemporaryFolder()
        let error = try refusal(folder.path + "/missing/deeper/s")
        #expect(error?.code == .unusablePath)
        #expect(error?.description.contains(folder.path + "/missing/deeper") == true)
    }

    @Test func `a file that is no socket is not deleted`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/notes"
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        #expect(try refusal(path)?.code == .unusablePath)
        #expect(access(path, F_OK) == 0)
    }

    @Test func `a socket left behind by a dead process is replaced`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s"
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(descriptor)
        #expect(access(path, F_OK) == 0)
        let transport = try ZeroMQTransport()
        _ = try transport.open(.server(.ipc(path)))
    }

    @Test func `a living listener of another context is not replaced`() throws {
        let folder = try TemporaryFolder()
        let first = try ZeroMQTransport()
        _ = try first.open(.server(.ipc(folder.path + "/s")))
        #expect(try refusal(folder.path + "/s")?.code == .addressInUse)
    }

    @Test func `a port that another context holds is named`() throws {
        let first = try ZeroMQTransport()
        let server = try first.open(.server(.loopback()))
        let address = try #require(first.address(of: server))
        let second = try ZeroMQTransport()
        let error = #expect(throws: TransportError.self) { _ = try second.open(.server(address)) }
        #expect(error?.code == .addressInUse)
        #expect(error?.description.contains(address.description) == true)
    }
}
