#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kaisatsu_properties::feed_page::holds(data));
