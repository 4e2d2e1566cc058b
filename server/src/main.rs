//! `kaisatsu-server`: issuer, ledger, claims and feed of Kaisatsu.

fn main() -> std::process::ExitCode {
    kaisatsu_server::cli::main()
}
