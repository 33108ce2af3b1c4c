/// A file of market data that cannot be used: which one, what is wrong with it and what to do.
package struct MarketDataError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Kinds of failure that a caller may want to tell apart.
    package enum Kind: Hashable, Sendable {
        /// There is no such file, folder, pair or timeframe.
        case missing
        /// The operating system refused to read or write.
        case inputOutput
        /// The bytes are not what the format asks for: truncated, overwritten or of another format.
        case damaged
        /// A valid file that uses something this reader does not know.
        case unsupported
        /// A readable file with content that cannot be used: missing columns, empty values, wrong types.
        case content
        /// More rows, columns or bytes than the reader's limits allow.
        case tooLarge
        /// The file is not the one that was asked for: its content hash differs.
        case changed
        /// Somebody else is writing there now.
        case inUse
    }

    /// What kind of failure it is.
    package var kind: Kind
    /// The file or folder concerned.
    package var file: String
    /// What is wrong, one sentence without a full stop.
    package var problem: String
    /// What the user can do, one sentence without a full stop; nil where `problem` says it all.
    package var remedy: String?

    /// A failure; see the properties.
    package init(_ kind: Kind, file: String, _ problem: String, remedy: String? = nil) {
        self.kind = kind
        self.file = file
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String {
        file + ": " + problem + (remedy.map { ". " + $0 } ?? "")
    }
}
