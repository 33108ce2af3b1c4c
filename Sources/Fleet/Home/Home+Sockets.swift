internal import Glibc

extension Home {
    /// Throws where the folder of the sockets lies outside of the home, where everybody may make folders, and is not this user's own: whoever
    /// made it would be taken for the fleet. One that does not exist is none to connect to.
    func checkRuntimeFolder() throws(FleetError) {
        let folder = runtimeFolder
        if !folder.hasPrefix(path + "/") { try Self.checkOwn(folder) }
    }

    static func checkOwn(_ folder: String) throws(FleetError) {
        var status = stat()
        guard lstat(folder, &status) == 0 else {
            if errno == ENOENT { return }
            throw Files.failure("cannot look at the folder of the sockets", folder)
        }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            throw FleetError(
                .system,
                "\(folder) should be a folder of this user that nobody else can write to, and it is not: find out who made it, and remove it"
            )
        }
    }
}
