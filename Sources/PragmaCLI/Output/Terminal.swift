internal import Foundation
internal import Glibc

/// Standard output and error as a terminal or a pipe.
enum Terminal {
    /// Whether standard output is a terminal: progress is drawn there, and printed as plain lines into a pipe.
    static var isInteractive: Bool { isatty(1) == 1 }
    /// Whether questions can be asked.
    static var canAsk: Bool { isatty(0) == 1 && isatty(2) == 1 }

    /// Prints a line to standard output.
    static func line(_ text: String) { write(text + "\n", to: 1) }
    /// Prints a line to standard error.
    static func note(_ text: String) { write(text + "\n", to: 2) }
    /// Draws over the current line of the terminal.
    static func redraw(_ text: String) { write("\r\u{1B}[2K" + text, to: 1) }

    /// Writes everything, or ends the process quietly where the reader of a pipe has gone (as `head` does).
    private static func write(_ text: String, to file: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EPIPE { exit(141) }
                return
            }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Asks for `expected` to be typed; true only for exactly that.
    static func confirm(_ prompt: String, expected: String) -> Bool {
        write(prompt, to: 2)
        return readLine(strippingNewline: true) == expected
    }

    /// Prints `value` as JSON with sorted keys, the stable form for programs.
    static func json(_ value: some Encodable) { encoded(value, [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]) }

    /// Prints `value` as JSON on one line: for what comes piece by piece.
    static func jsonLine(_ value: some Encodable) { encoded(value, [.sortedKeys, .withoutEscapingSlashes]) }

    private static func encoded(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let data = try? encoder.encode(value) else { return note("cannot encode the answer as JSON") }
        line(String(decoding: data, as: UTF8.self))
    }
}
