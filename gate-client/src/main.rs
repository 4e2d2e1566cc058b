//! Kaisatsu's gate client: see [`kaisatsu_gate`].

fn main() -> std::process::ExitCode {
    kaisatsu_gate::cli::main()
}
