import PragmaCLI

/// The `pragma` executable with the strategies that come along.
@main
enum Main {
    static func main() async {
        await PragmaCLI.run()
    }
}
