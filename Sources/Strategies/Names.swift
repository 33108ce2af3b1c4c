// What an error says about a name that nobody knows. Texts come from users, so lengths are bounded.

/// The known name that is most likely meant by `name`; nil where none is close.
///
/// Close means: the same but for upper and lower case, or at most a third of the letters (and at most three) wrong, missing,
/// too many or swapped.
package func nearestName(to name: String, among known: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars.prefix(64))
    var best: (distance: Int, name: String)?
    for candidate in known {
        let letters = Array(candidate.lowercased().unicodeScalars.prefix(64))
        let limit = min(3, max(wanted.count, letters.count) / 3)
        let distance = editDistance(wanted, letters)
        guard distance <= limit, distance < best?.distance ?? .max else { continue }
        best = (distance, candidate)
    }
    return best?.name
}

/// The rest of an "unknown name" error: the nearest match where there is one, and the known names.
package func suggestion(for name: String, among known: [String], kind: String) -> String {
    let hint = nearestName(to: name, among: known).map { ", did you mean '\($0)'?" } ?? ""
    let list = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
    return "\(hint) (known \(kind): \(list))"
}

/// How many insertions, deletions, replacements and swaps of neighbours make one text into the other.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}

/// At most 80 characters of a text that somebody gave, for a message.
func clipped(_ text: String) -> String {
    text.count <= 80 ? text : String(text.prefix(77)) + "..."
}

/// `text` without blanks at either end.
func trimmed(_ text: some StringProtocol) -> String {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var rest = text.drop(while: blank)[...]
    while let last = rest.last, blank(last) { rest.removeLast() }
    return String(rest)
}
