//! Embeds the pages anew when they were built anew.

fn main() {
    // A page's file gets another name with other content, which the compiler can't know of by itself.
    println!("cargo:rerun-if-changed=dist");
}
