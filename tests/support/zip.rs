//! Workbooks made by hand.

/// A zip of one part after the other, stored or deflated.
pub fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in parts {
        let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(bytes).unwrap();
        let packed = packed.finish().unwrap();
        let offset = file.len() as u32;
        let mut sizes = 0u32.to_le_bytes().to_vec();
        sizes.extend((packed.len() as u32).to_le_bytes());
        sizes.extend(100u32.to_le_bytes());
        sizes.extend((name.len() as u16).to_le_bytes());
        sizes.extend([0, 0]);
        file.extend(b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0");
        file.extend(&sizes);
        file.extend(name.as_bytes());
        file.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\0\x14\0\0\0\x08\0\0\0\0\0");
        directory.extend(&sizes);
        directory.extend([0u8; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = file.len() as u32;
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    end.extend((parts.len() as u16).to_le_bytes());
    end.extend((parts.len() as u16).to_le_bytes());
    end.extend((directory.len() as u32).to_le_bytes());
    end.extend(start.to_le_bytes());
    end.extend([0, 0]);
    file.extend(directory);
    file.extend(end);
    file
}
