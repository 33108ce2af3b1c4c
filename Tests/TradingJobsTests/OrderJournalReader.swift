import OrderJournal

enum OrderJournalReader {
    /// All records of a journal that nobody holds.
    static func records(_ path: String) throws -> [[UInt8]] {
        let journal = try OrderJournal(path: path, holder: "reader")
        defer { try? journal.close() }
        return try journal.entries(from: 1, limit: .max).map(\.bytes)
    }
}
