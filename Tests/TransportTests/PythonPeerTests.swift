import COperatingSystem
import Glibc
import Testing
import Transport

/// pyzmq as the other end: another binding, another libzmq.
@Suite struct PythonPeerTests {
    /// Arguments: mode, address, and with keys the server's public key, the own public and the own secret key.
    private static let script = """
        import sys, zmq
        mode, address, keys = sys.argv[1], sys.argv[2], sys.argv[3:]
        context = zmq.Context()
        socket = context.socket({"dealer": zmq.DEALER, "sub": zmq.SUB, "router": zmq.ROUTER}[mode])
        socket.linger = 5000
        socket.rcvtimeo = 60000
        if keys and mode != "router":
            socket.curve_serverkey, socket.curve_publickey, socket.curve_secretkey = [k.encode() for k in keys]
        if mode == "router":
            if keys:
                socket.curve_server = True
                socket.curve_secretkey = keys[0].encode()
            socket.bind(address)
            print(socket.last_endpoint.decode(), flush=True)
            for _ in range(101):
                socket.send_multipart(socket.recv_multipart())
        elif mode == "dealer":
            socket.connect(address)
            for number in range(100):
                socket.send_multipart([b"%d" % number, b"", b"x" * (number * 1000)])
            for number in range(100):
                assert socket.recv_multipart() == [b"%d" % number, b"", b"x" * (number * 1000)], number
            socket.send(b"done")
        else:
            socket.subscribe(b"job")
            socket.connect(address)
            assert socket.recv_multipart() == [b"job.1", b"a"]
            assert socket.recv_multipart() == [b"job.2", b"b"]
        # Delivers what is left before the process ends.
        socket.close()
        context.term()
        print("ok")
        """

    /// The interpreter, if it has pyzmq.
    private static let python: String? = {
        let paths = [getenv("PRAGMA_PYTHON").map { String(cString: $0) }, ".venv/bin/python"].compactMap(\.self)
        guard let path = paths.first(where: { access($0, X_OK) == 0 }) else {
            print("skipped: no Python with pyzmq (set PRAGMA_PYTHON)")
            return nil
        }
        return path
    }()

    /// A running script; its output is read with `readAll`.
    private func start(_ mode: String, _ address: String, _ keys: [String]) throws -> (pid: pid_t, output: Int32) {
        let python = try #require(Self.python)
        var ends: [Int32] = [0, 0]
        #expect(csystem_pipe(&ends) == 0)
        defer { close(ends[1]) }
        let arguments = [python, "-c", Self.script, mode, address] + keys
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var options = csystem_spawn_options(
            working_directory: nil, standard_input: -1, standard_output: ends[1], standard_error: ends[1], inherited: -1,
            new_process_group: 1)
        var pid: pid_t = 0
        #expect(csystem_spawn(&pid, python, &words, environ, &options) == 0)
        return (pid, ends[0])
    }

    private func finish(_ child: (pid: pid_t, output: Int32)) {
        let output = readAll(child.output)
        var status: Int32 = 0
        #expect(waitpid(child.pid, &status, 0) == child.pid)
        #expect(csystem_exit_code(status) == 0)
        #expect(output.hasSuffix("ok\n"), "\(output)")
    }

    private func keys(_ bench: Bench) -> [String] {
        bench.wire.hasKeys
            ? [bench.serverKeys.publicKey.text, bench.clientKeys.publicKey.text, bench.clientKeys.secretText] : []
    }

    @Test(.enabled(if: python != nil), arguments: Wire.real)
    func `a Python client talks to our server`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let address = try #require(bench.transport.address(of: server)).description
        let child = try start("dealer", address, keys(bench))
        var echoed = 0
        try bench.run { batch in
            for message in batch.messages[echoed...] {
                #expect(message.user?.name == (wire.hasKeys ? "worker-1" : nil))
                if message.frames.first == Array("done".utf8) { return true }
                #expect(bench.transport.send(message.frames, on: server, to: message.peer) == .sent)
                echoed += 1
            }
            return false
        }
        #expect(echoed == 100)
        finish(child)
    }

    @Test(.enabled(if: python != nil), arguments: Wire.real)
    func `a Python subscriber hears our publisher`(wire: Wire) throws {
        let bench = try Bench(wire)
        let publisher = try bench.transport.open(.publisher(bench.place(), security: bench.serverSecurity))
        let address = try #require(bench.transport.address(of: publisher)).description
        let child = try start("sub", address, keys(bench))
        try bench.run { $0.changes.contains { $0.kind == .subscribed(Array("job".utf8)) } }
        for (topic, text) in [("job.1", "a"), ("other", "x"), ("job.2", "b")] {
            let frames = Frames(Array(topic.utf8), rest: [Array(text.utf8)])
            #expect(bench.transport.send(frames, on: publisher, to: .only) == .sent)
        }
        finish(child)
    }

    @Test(.enabled(if: python != nil), arguments: [Wire.tcp, .tcpCurve])
    func `our client talks to a Python server`(wire: Wire) throws {
        let bench = try Bench(wire)
        let child = try start("router", "tcp://127.0.0.1:*", wire.hasKeys ? [bench.serverKeys.secretText] : [])
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(child.output, &byte, 1) == 1, byte != 10 { line.append(byte) }
        let client = try bench.client(at: Address(String(decoding: line, as: UTF8.self)))
        try bench.run { _ in bench.transport.isConnected(client) }
        for index in 0...100 {
            let frames = Frames(body(index, padding: index * 100), rest: [[]])
            #expect(bench.transport.send(frames, on: client, to: .only) == .sent)
        }
        try bench.run { $0.messages.count == 101 }
        #expect(bench.bodies(at: client).map(number) == Array(0...100))
        finish(child)
    }
}
