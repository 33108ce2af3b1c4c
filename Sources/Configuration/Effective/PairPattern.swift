/// A pattern of pairs as a blacklist has them: `BNB/.*`, `(BUSD|TUSD)/USDT`. Matches a whole pair; case does not count.
///
/// A small regular-expression matcher that follows all possibilities at once, so that no pattern takes long: a plain
/// character, `.`, `[abc]`, `[^a-z]`, groups, `|`, `*`, `+`, `?` and a backslash before a character that is meant as itself.
struct PairPattern: Sendable {
    private indirect enum Node: Sendable {
        case empty
        case any
        case one(Character)
        case set([ClosedRange<Character>], inverted: Bool)
        case sequence([Node])
        case choice([Node])
        case optional(Node)
        case repeated(Node, atLeastOnce: Bool)
    }

    private let root: Node

    /// Reads a pattern of at most 200 characters; nil where it is none.
    init?(_ text: String) {
        guard !text.isEmpty, text.count <= 200 else { return nil }
        var parser = Parser(rest: Array(text.uppercased()), depth: 0)
        guard let node = parser.choice(), parser.rest.isEmpty else { return nil }
        root = node
    }

    /// Whether the pattern describes all of `text`.
    func matches(_ text: String) -> Bool {
        let characters = Array(text.uppercased())
        return Self.ends(root, from: [0], in: characters).contains(characters.count)
    }

    /// Where a match of `node` that begins at one of `starts` can end.
    private static func ends(_ node: Node, from starts: Set<Int>, in text: [Character]) -> Set<Int> {
        func step(_ accepts: (Character) -> Bool) -> Set<Int> {
            Set(starts.filter { $0 < text.count && accepts(text[$0]) }.map { $0 + 1 })
        }
        switch node {
        case .empty: return starts
        case .any: return step { _ in true }
        case .one(let character): return step { $0 == character }
        case .set(let ranges, let inverted):
            return step { character in ranges.contains { $0.contains(character) } != inverted }
        case .sequence(let nodes): return nodes.reduce(starts) { ends($1, from: $0, in: text) }
        case .choice(let nodes): return nodes.reduce(into: []) { $0.formUnion(ends($1, from: starts, in: text)) }
        case .optional(let inner): return starts.union(ends(inner, from: starts, in: text))
        case .repeated(let inner, let atLeastOnce):
            var all = atLeastOnce ? [] : starts
            var frontier = starts
            while !frontier.isEmpty {
                frontier = ends(inner, from: frontier, in: text).subtracting(all)
                all.formUnion(frontier)
            }
            return all
        }
    }

    private struct Parser {
        var rest: [Character]
        var depth: Int

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest.removeFirst()
            return true
        }

        mutating func choice() -> Node? {
            var nodes: [Node] = []
            repeat {
                guard let node = sequence() else { return nil }
                nodes.append(node)
            } while take("|")
            return nodes.count == 1 ? nodes.first : .choice(nodes)
        }

        private mutating func sequence() -> Node? {
            var nodes: [Node] = []
            while let next = rest.first, next != "|", next != ")" {
                guard var node = atom() else { return nil }
                if take("*") {
                    node = .repeated(node, atLeastOnce: false)
                } else if take("+") {
                    node = .repeated(node, atLeastOnce: true)
                } else if take("?") {
                    node = .optional(node)
                }
                nodes.append(node)
            }
            return nodes.isEmpty ? .empty : .sequence(nodes)
        }

        private mutating func atom() -> Node? {
            let next = rest.removeFirst()
            switch next {
            case ".": return .any
            case "(": return group()
            case "[": return set()
            case "\\": return rest.isEmpty ? nil : .one(rest.removeFirst())
            case "^", "$": return .empty
            case "*", "+", "?", "]", "{", "}": return nil
            default: return .one(next)
            }
        }

        private mutating func group() -> Node? {
            depth += 1
            defer { depth -= 1 }
            guard depth <= 6 else { return nil }
            if rest.starts(with: ["?", ":"]) { rest.removeFirst(2) }
            guard let node = choice(), take(")") else { return nil }
            return node
        }

        private mutating func set() -> Node? {
            let inverted = take("^")
            var ranges: [ClosedRange<Character>] = []
            while let first = rest.first, first != "]" {
                rest.removeFirst()
                if rest.count >= 2, rest[0] == "-", rest[1] != "]" {
                    guard first <= rest[1] else { return nil }
                    ranges.append(first...rest[1])
                    rest.removeFirst(2)
                } else {
                    ranges.append(first...first)
                }
            }
            return take("]") && !ranges.isEmpty ? .set(ranges, inverted: inverted) : nil
        }
    }
}
