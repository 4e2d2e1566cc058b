#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kaisatsu_properties::scanner_text::holds(data));
