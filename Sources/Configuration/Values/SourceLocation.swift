/// Where a configuration value was written: a line of a file, an environment variable or a command-line option.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The kind of place.
    package enum Origin: Hashable, Sendable {
        /// A file, by the path it was opened with.
        case file(String)
        /// An environment variable, by its name.
        case environment(String)
        /// A command-line option, by its name: `--timerange`.
        case commandLine(String)
        /// Nowhere: a default, or a value that is missing.
        case none
    }

    /// The file, variable or option.
    package var origin: Origin
    /// The line, counted from 1; 0 where the place has no lines.
    package var line: Int
    /// The column in characters, counted from 1; 0 where the place has no lines.
    package var column: Int

    /// A location; `line` and `column` count from 1.
    package init(_ origin: Origin, line: Int = 0, column: Int = 0) {
        self.origin = origin
        self.line = line
        self.column = column
    }

    /// No place at all.
    package static let none = SourceLocation(.none)

    /// The path of the file; nil where the value does not come from a file.
    package var file: String? {
        if case .file(let path) = origin { path } else { nil }
    }

    /// `config.json:12:5`, `environment FREQTRADE__STAKE_AMOUNT` or `option --timerange`; empty for no place.
    package var description: String {
        switch origin {
        case .file(let path): line > 0 ? "\(path):\(line):\(column)" : path
        case .environment(let name): "environment \(name)"
        case .commandLine(let option): "option \(option)"
        case .none: ""
        }
    }
}
