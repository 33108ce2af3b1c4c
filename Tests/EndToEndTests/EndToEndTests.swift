import Testing

/// Tests of the built executable with real processes. They share the machine, so that one runs after the other.
@Suite(.serialized, .enabled(if: Program.isThere, Comment(rawValue: Program.remedy)))
enum EndToEnd {}
