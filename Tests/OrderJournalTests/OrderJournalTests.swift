import Exchange
import Foundation
import GRDB
import Glibc
import Market
import Money
import OrderJournal
import Orders
import Testing

@Suite struct `The journal of orders` {
    @Test func `keeps records in their order over a close, and what the coordinator has`() throws {
        try withFolder { folder in
            let path = folder + "/orders.sqlite"
            let journal = try OrderJournal(path: path, holder: "one")
            try journal.append((1...10).map { sample($0) })
            try journal.append([])
            try journal.append((11...15).map { sample($0) })
            #expect(journal.lastSequence == 15)
            try journal.acknowledge(upTo: 6)
            try journal.acknowledge(upTo: 4)
            try journal.close()
            #expect(throws: OrderJournalError.self) { try journal.append([sample(1)]) }
            let again = try OrderJournal(path: path, holder: "two")
            #expect(try again.records() == (1...15).map { sample($0) })
            #expect(again.acknowledged == 6)
            let waiting = try again.unacknowledged(limit: 4)
            #expect(waiting.map(\.sequence) == [7, 8, 9, 10])
            #expect(try waiting.map { try JournalRecord(decoding: $0.bytes) } == (7...10).map { sample($0) })
            try again.acknowledge(upTo: 1_000)
            #expect(try again.unacknowledged(limit: 4).isEmpty && again.acknowledged == 15)
            try again.append([sample(16)])
            #expect(try again.unacknowledged(limit: 4).map(\.sequence) == [16])
            try again.close()
        }
    }

    @Test func `is readable by its owner alone, with all its files, even where an older one was not`() throws {
        try withFolder { folder in
            let path = folder + "/orders.sqlite"
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o644])
            let journal = try OrderJournal(path: path, holder: "one")
            try journal.append([sample(1)])
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(names.count >= 3)
            for name in names {
                let rights = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.posixPermissions] as? Int
                #expect(rights == 0o600, "\(name)")
            }
            try journal.close()
        }
    }

    @Test func `is refused to a second holder, and the error names the first`() throws {
        try withFolder { folder in
            let path = folder + "/orders.sqlite"
            let journal = try OrderJournal(path: path, holder: "worker w1")
            let error = #expect(throws: OrderJournalError.self) { try OrderJournal(path: path, holder: "worker w2") }
            #expect(error?.code == .inUse && error?.description.contains("worker w1 (pid \(getpid()))") == true)
            try journal.append([sample(1)])
            try journal.close()
            #expect(code(path) == nil)
        }
    }

    @Test func `stores nothing of a batch that does not fit on the disk, and goes on when there is space`() throws {
        try withFolder { folder in
            let journal = try OrderJournal(path: folder + "/orders.sqlite", holder: "one")
            try journal.append([sample(1)])
            try journal.limitPages(to: 20)
            let big = (2...40).map { _ in JournalRecord.note(kind: 1, [UInt8](repeating: 7, count: 10_000)) }
            let error = #expect(throws: OrderJournalError.self) { try journal.append(big) }
            #expect(error?.code == .diskFull)
            #expect(try journal.records() == [sample(1)] && journal.lastSequence == 1)
            try journal.limitPages(to: 10_000)
            try journal.append(big)
            #expect(try journal.records().count == 40)
            try journal.close()
        }
    }

    @Test func `refuses a record that is too large`() throws {
        try withFolder { folder in
            let journal = try OrderJournal(path: folder + "/orders.sqlite", holder: "one")
            let large = JournalRecord.note(kind: 1, [UInt8](repeating: 0, count: JournalRecord.byteLimit))
            let error = #expect(throws: OrderJournalError.self) { try journal.append([sample(1), large]) }
            #expect(error?.code == .tooLarge)
            #expect(try journal.records().isEmpty)
            try journal.close()
        }
    }

    @Test func `holds every batch that was appended before a kill, and nothing of the one under way`() async throws {
        let folder = NSTemporaryDirectory() + "pragma-orders-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/orders.sqlite"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let journal = try OrderJournal(path: path, holder: "dying")
            for number in UInt64(1)...50 { try journal.append([sample(Int(number) * 2 - 1), sample(Int(number) * 2)]) }
            // No close: the process ends here and now.
            kill(getpid(), SIGKILL)
        }
        let journal = try OrderJournal(path: path, holder: "next")
        #expect(try journal.records() == (1...100).map { sample($0) })
        try journal.close()
    }

    // MARK: - Files that are not as they were left

    @Test func `is refused where it cannot be written`() throws {
        #expect(code("/nowhere/at/all/orders.sqlite") == .notWritable)
        #expect(code("/proc/pragma-orders.sqlite") == .notWritable)
    }

    @Test func `is refused when it belongs to another program, or a newer one wrote it`() throws {
        try withFolder { folder in
            try raw(folder + "/a.sqlite", "CREATE TABLE trades(id INTEGER)")
            #expect(code(folder + "/a.sqlite") == .notAnOrderJournal)
            let path = folder + "/b.sqlite"
            try fill(path, 3)
            try raw(path, "PRAGMA user_version = 9")
            #expect(code(path) == .newerVersion)
        }
    }

    @Test func `refuses records that are missing, changed, or of a newer kind`() throws {
        try withFolder { folder in
            for (index, (sql, expected)) in [
                ("DELETE FROM record WHERE sequence = 2", OrderJournalError.Code.damaged),
                ("UPDATE record SET bytes = x'0102030405060708' WHERE sequence = 2", .damaged),
                ("UPDATE record SET bytes = x'' WHERE sequence = 1", .damaged),
                // Version 2 of kind 1 without fields, with its right checksum.
                ("UPDATE record SET bytes = x'0201\(checksum([2, 1]))' WHERE sequence = 3", .newerVersion),
                ("UPDATE record SET bytes = x'01C8\(checksum([1, 0xC8]))' WHERE sequence = 3", .newerVersion),
            ].enumerated() {
                let path = folder + "/\(index).sqlite"
                try fill(path, 4)
                try raw(path, sql)
                #expect(code(path) == expected, "\(sql)")
            }
        }
    }

    @Test func `gives a typed error for damage at any place, or reads what was there`() throws {
        try withFolder { folder in
            let path = folder + "/orders.sqlite"
            try fill(path, 300)
            let sound = try Data(contentsOf: URL(fileURLWithPath: path))
            var refused = 0
            for round in 0..<60 {
                var bytes = sound
                let start = (round * 7919) % max(1, bytes.count - 64)
                for offset in start..<start + 64 { bytes[offset] ^= UInt8(truncatingIfNeeded: round &* 37 | 1) }
                try bytes.write(to: URL(fileURLWithPath: path))
                for name in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + name) }
                do throws(OrderJournalError) {
                    let journal = try OrderJournal(path: path, holder: "reader")
                    let records = try journal.records()
                    #expect(records == (1...300).map { sample($0) }, "round \(round)")
                    try journal.close()
                } catch {
                    refused += 1
                    #expect(error.description.contains(path))
                }
            }
            #expect(refused > 20, "only \(refused) of 60")
        }
    }
}

/// A fill, so that every kind of field is in it.
func sample(_ number: Int) -> JournalRecord {
    let fill = Fill(
        tradeID: "T\(number)", venueOrderID: VenueOrderID("O\(number)"), clientOrderID: nil, symbol: "BTCUSDT", side: .buy,
        price: Price(units: 6_000_000 + Int64(number), decimals: 2), quantity: Quantity(units: 5, decimals: 3),
        fee: Amount(units: 1, decimals: 20), feeAsset: "BTC", isMaker: false, time: Timestamp(milliseconds: Int64(number)))
    return .fill(OrderTicket(UInt64(number)), fill)
}

private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "pragma-orders-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
}

private func fill(_ path: String, _ count: Int) throws {
    let journal = try OrderJournal(path: path, holder: "writer")
    try journal.append((1...count).map { sample($0) })
    try journal.close()
}

private func raw(_ path: String, _ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
}

/// The code of the error with which the journal cannot be read; nil: it can.
private func code(_ path: String) -> OrderJournalError.Code? {
    do throws(OrderJournalError) {
        let journal = try OrderJournal(path: path, holder: "reader")
        _ = try journal.records()
        try journal.close()
        return nil
    } catch {
        #expect(error.description.contains(path), "the error does not name the file: \(error)")
        return error.code
    }
}

/// CRC-32 by the definition, bit by bit, lowest byte first, as SQL writes bytes.
private func checksum(_ bytes: [UInt8]) -> String {
    var check = ~UInt32(0)
    for byte in bytes {
        check ^= UInt32(byte)
        for _ in 0..<8 { check = check & 1 != 0 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
    }
    var text = ""
    for shift in [UInt32(0), 8, 16, 24] {
        let digits = String(UInt8(truncatingIfNeeded: ~check >> shift), radix: 16)
        text += digits.count == 1 ? "0" + digits : digits
    }
    return text
}
