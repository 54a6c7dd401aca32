//! What a file from outside is, what it may be called, and pictures made safe to show.
//!
//! What a file is, its content decides ([`sniff`]); a sender's word (name, content type) is never believed.
//! Only what stands in the table below is taken: everything else is refused, not stored as "unknown".

pub mod name;
pub mod picture;
pub mod sniff;

/// What a file is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Shown in the page, after [`picture::make_safe`].
    Picture,
    /// Played in the page.
    Audio,
    /// Played in the page.
    Video,
    /// A picture few browsers show: offered for download only, as it came.
    Photo,
    /// A film few browsers play: offered for download only.
    Film,
    /// Offered for download only.
    Document,
}

macro_rules! kinds {
    ($($kind:ident: $class:ident, $key:literal, $mime:literal, [$extension:literal $(, $alias:literal)*];)*) => {
        /// A kind of file the house takes. Records hold its [`Kind::key`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $(#[doc = $mime] $kind,)* }

        impl Kind {
            /// Every kind, in the order of the table.
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// What it is shown as.
            pub fn class(self) -> Class { match self { $(Kind::$kind => Class::$class,)* } }

            /// The stable word kept in records; never change one.
            pub fn key(self) -> &'static str { match self { $(Kind::$kind => $key,)* } }

            /// The content type it is answered with (no charset: nobody knows it for a text from outside).
            pub fn mime(self) -> &'static str { match self { $(Kind::$kind => $mime,)* } }

            /// The extensions a file of this kind may carry, lower case, the usual one first.
            pub fn extensions(self) -> &'static [&'static str] {
                match self { $(Kind::$kind => &[$extension $(, $alias)*],)* }
            }

            /// The usual extension, lower case, without the dot.
            pub fn extension(self) -> &'static str { match self { $(Kind::$kind => $extension,)* } }
        }
    };
}

kinds! {
    Pdf: Document, "pdf", "application/pdf", ["pdf"];
    Png: Picture, "png", "image/png", ["png"];
    Jpeg: Picture, "jpeg", "image/jpeg", ["jpg", "jpeg", "jpe", "jfif"];
    Gif: Picture, "gif", "image/gif", ["gif"];
    Webp: Picture, "webp", "image/webp", ["webp"];
    Doc: Document, "doc", "application/msword", ["doc", "dot"];
    Docx: Document, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["docx", "dotx"];
    Xls: Document, "xls", "application/vnd.ms-excel", ["xls", "xlt"];
    Xlsx: Document, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ["xlsx", "xltx"];
    Ppt: Document, "ppt", "application/vnd.ms-powerpoint", ["ppt", "pps", "pot"];
    Pptx: Document, "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ["pptx", "ppsx", "potx"];
    Txt: Document, "txt", "text/plain", ["txt", "text", "log"];
    Csv: Document, "csv", "text/csv", ["csv"];
    Zip: Document, "zip", "application/zip", ["zip"];
    Mp3: Audio, "mp3", "audio/mpeg", ["mp3"];
    Ogg: Audio, "ogg", "audio/ogg", ["ogg", "oga"];
    Opus: Audio, "opus", "audio/ogg", ["opus", "ogg", "oga"];
    M4a: Audio, "m4a", "audio/mp4", ["m4a", "m4b", "mp4"];
    WebmAudio: Audio, "webm-audio", "audio/webm", ["webm", "weba"];
    Mp4: Video, "mp4", "video/mp4", ["mp4", "m4v"];
    Webm: Video, "webm", "video/webm", ["webm"];
    Heic: Photo, "heic", "image/heic", ["heic", "heif", "hif"];
    Avif: Photo, "avif", "image/avif", ["avif"];
    Mov: Film, "mov", "video/quicktime", ["mov", "qt"];
    Mobile: Film, "3gp", "video/3gpp", ["3gp", "3gpp", "3g2"];
}

impl Kind {
    /// The kind of a stored key, if it is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.key() == key)
    }

    /// Whether browsers are given it to show or to play; anything else is only ever taken home.
    pub fn is_shown(self) -> bool {
        matches!(self.class(), Class::Picture | Class::Audio | Class::Video)
    }

    /// The longest file of this kind that is taken, in bytes: 100 MB of sound or film, 25 MB of anything else.
    pub fn bytes_max(self) -> u64 {
        const MB: u64 = 1024 * 1024;
        match self.class() {
            Class::Audio | Class::Video | Class::Film => 100 * MB,
            Class::Picture | Class::Photo | Class::Document => 25 * MB,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_leads_back_to_its_kind_and_no_other() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::from_key(kind.key()), Some(kind));
            assert!(kind.extensions().contains(&kind.extension()));
            assert!(!["svg", "html", "js", "exe"].contains(&kind.extension()));
        }
        assert_eq!(Kind::ALL.len(), 25);
        assert_eq!(Kind::from_key("svg"), None);
    }

    #[test]
    fn sound_and_film_may_be_longer() {
        assert_eq!(Kind::Pdf.bytes_max(), 26_214_400);
        assert_eq!(Kind::Jpeg.bytes_max(), 26_214_400);
        assert_eq!(Kind::WebmAudio.bytes_max(), 104_857_600);
        assert_eq!(Kind::Mp4.bytes_max(), 104_857_600);
        assert_eq!(Kind::Mov.bytes_max(), 104_857_600);
        assert_eq!(Kind::Heic.bytes_max(), 26_214_400);
    }
}
