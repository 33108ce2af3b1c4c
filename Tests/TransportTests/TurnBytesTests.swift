import Testing
import Transport

/// How much one turn takes in.
@Suite struct TurnBytesTests {
    @Test func `a turn ends at its limit of bytes and the rest comes with the next`() throws {
        let folder = try TemporaryFolder()
        let near = try ZeroMQTransport()
        let far = try ZeroMQTransport()
        var options = EndpointOptions.server(try Address.ipc(folder.path + "/s"))
        options.turnBytes = 1 << 20
        let server = try near.open(options)
        let client = try far.open(.client(try #require(near.address(of: server))))
        var changes = Batch()
        while !far.isConnected(client) {
            try far.wait(until: nil)
            _ = try far.receive(into: &changes, limit: 10)
        }
        let size = 64 << 10
        let message = [UInt8](repeating: 7, count: size)
        var cuts = 0
        // The network may hand over little at a time; sooner or later there is more than a turn may take.
        for _ in 0..<200 where cuts == 0 {
            for _ in 0..<100 { #expect(far.send(Frames(message), on: client, to: .only).isTaken) }
            var received = 0
            while received < 100 {
                try near.wait(until: nil)
                var batch = Batch()
                let hasMore = try near.receive(into: &batch, limit: 1000)
                let bytes = batch.messages.reduce(0) { $0 + $1.frames.byteCount }
                #expect(bytes < options.turnBytes + size)
                if hasMore, bytes >= options.turnBytes { cuts += 1 }
                received += batch.messages.count
            }
            #expect(received == 100)
        }
        #expect(cuts > 0)
    }

    @Test func `a loop's turn takes 64 MiB unless it is told otherwise`() {
        #expect(EndpointOptions.server(.loopback()).turnBytes == 64 << 20)
    }
}
