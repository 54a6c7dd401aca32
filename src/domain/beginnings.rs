//! What a new agency begins with: reasons, departments and a closing message in its language. It edits them afterwards.

use super::values::Language;

/// The reasons a new agency begins with.
pub fn reasons(language: Language) -> [&'static str; 8] {
    match language {
        Language::PtBr => [
            "Informações gerais",
            "Agendamento de visita",
            "Proposta",
            "Documentação",
            "Avaliação de imóvel",
            "Financeiro",
            "Manutenção",
            "Reclamação",
        ],
        Language::PtPt => [
            "Informações gerais",
            "Marcação de visita",
            "Proposta",
            "Documentação",
            "Avaliação de imóvel",
            "Faturação",
            "Manutenção",
            "Reclamação",
        ],
        Language::En => {
            ["General information", "Viewing", "Offer", "Documents", "Valuation", "Billing", "Maintenance", "Complaint"]
        }
    }
}

/// The departments a new agency begins with.
pub fn departments(language: Language) -> [&'static str; 3] {
    match language {
        Language::PtBr => ["Vendas", "Locação", "Financeiro"],
        Language::PtPt => ["Vendas", "Arrendamento", "Financeiro"],
        Language::En => ["Sales", "Lettings", "Billing"],
    }
}

/// The reasons of absence a new agency begins with (P5).
pub fn absences(language: Language) -> Vec<String> {
    let reasons = match language {
        Language::PtBr => ["Almoço", "Visita a imóvel", "Compromisso externo", "Fim do expediente"],
        Language::PtPt => ["Almoço", "Visita a imóvel", "Compromisso exterior", "Fim do expediente"],
        Language::En => ["Lunch", "Viewing", "Appointment elsewhere", "End of the day"],
    };
    reasons.map(str::to_owned).to_vec()
}

/// The closing message a new agency begins with (Q9).
pub fn closing_message(language: Language) -> &'static str {
    match language {
        Language::PtBr => {
            "Obrigado pelo contato. Encerramos esta conversa por aqui; se precisar, é só escrever de novo."
        }
        Language::PtPt => {
            "Obrigado pelo seu contacto. Damos esta conversação por encerrada; se precisar, basta escrever de novo."
        }
        Language::En => {
            "Thank you for getting in touch. We are closing this conversation; just write again if you need us."
        }
    }
}
