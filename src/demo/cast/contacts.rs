//! The fifty who call.

use super::Contact;
use super::Part::{self, *};
use super::Style::{self, *};

type Texts = &'static [&'static str];

/// A person: addressed by the first name, which is the first word.
const fn person(
    who: (&'static str, &'static str, bool),
    part: Part,
    style: Style,
    emails: Texts,
    phones: Texts,
    note: &'static str,
) -> Contact {
    Contact { name: who.0, called: who.1, woman: who.2, part, style, emails, phones, note }
}

const F: bool = true;
const M: bool = false;

#[rustfmt::skip]
pub(super) const CONTACTS: &[Contact] = &[
    // 0..=13: buyers
    person(("Lúcia Meireles", "Lúcia", F), Buyer, Neat, &["lucia.meireles@exemplo.com.br"], &["(62) 90411-2785"], "Decide junto com o marido; prefere visita no fim da tarde."),
    person(("Rafael Veloso", "Rafael", M), Buyer, Quick, &["rafael.veloso@exemplo.com", "rveloso.eng@exemplo.com.br"], &["(62) 90872-1140"], "Engenheiro; vai vender o apartamento atual para comprar."),
    person(("Patrícia Nogueira", "Patrícia", F), Buyer, Neat, &["patricia.nogueira@exemplo.com.br"], &["(62) 90156-9032", "(62) 3251-0417"], "Crédito pré-aprovado na Caixa."),
    person(("Thiago Borges", "Thiago", M), Buyer, Thumb, &["thiagoborges@exemplo.com"], &["(62) 90933-5608"], "Primeiro imóvel; usa o FGTS."),
    person(("Mariana Coutinho", "Mariana", F), Buyer, Quick, &["mari.coutinho@exemplo.com"], &["(62) 90287-4416"], "Tem dois cachorros; só quer prédio que aceite."),
    person(("Carlos Eduardo Fleury", "Carlos", M), Buyer, Neat, &["carlos.fleury@exemplo.com.br"], &["(62) 90705-3321", "(62) 3945-2210"], "Investidor; compra para alugar."),
    person(("Simone Alencastro", "Simone", F), Buyer, Neat, &["simone.alencastro@exemplo.com.br"], &["(62) 90648-7719"], "Muda-se de Brasília em janeiro."),
    person(("Gustavo Prates", "Gustavo", M), Buyer, Thumb, &["gprates@exemplo.com"], &["(62) 90319-8254"], "Responde melhor à noite."),
    person(("Aline Figueiredo", "Aline", F), Buyer, Quick, &["aline.figueiredo@exemplo.com.br"], &["(62) 90582-6603"], "Procura perto da escola da filha, no Bueno."),
    person(("Roberto Caiapó", "Roberto", M), Buyer, Neat, &["roberto.caiapo@exemplo.com.br", "financeiro.caiapo@exemplo.com.br"], &["(62) 90744-1097"], "Procura sala comercial para o consultório."),
    person(("Daniela Pimenta", "Daniela", F), Buyer, Thumb, &["dani.pimenta@exemplo.com"], &["(62) 90467-3385"], "Indicação da Lúcia Meireles."),
    person(("Leonardo Guimarães", "Leonardo", M), Buyer, Quick, &["leo.guimaraes@exemplo.com.br"], &["(62) 90821-5572"], "Quer casa em condomínio fechado."),
    person(("Vanessa Ribas", "Vanessa", F), Buyer, Neat, &["vanessa.ribas@exemplo.com.br"], &["(62) 90190-6648"], "Financia pelo banco onde recebe o salário."),
    person(("Otávio Mendonça", "Otávio", M), Buyer, Neat, &["otavio.mendonca@exemplo.com.br"], &["(62) 90633-2901", "(62) 3218-5540"], "Aposentado; prefere telefone."),
    // 14..=18: owners who sell
    person(("Regina Salgado", "Regina", F), Owner, Neat, &["regina.salgado@exemplo.com.br"], &["(62) 90255-7183"], "Proprietária; mora em Anápolis, chave na imobiliária."),
    person(("Fernando Luz", "Fernando", M), Owner, Quick, &["fernando.luz@exemplo.com"], &["(62) 90976-4420"], "Proprietário; inventário concluído em março."),
    person(("Célia Monteiro", "Célia", F), Owner, Neat, &["celia.monteiro@exemplo.com.br"], &["(62) 90538-1276"], "Proprietária; vende com exclusividade até dezembro."),
    person(("Wagner Teodoro", "Wagner", M), Owner, Thumb, &["wagner.teodoro@exemplo.com"], &["(62) 90702-9915"], "Proprietário; aceita permuta por lote."),
    person(("Ivone Castanheira", "Ivone", F), Owner, Neat, &["ivone.castanheira@exemplo.com.br"], &["(62) 90364-5087", "(62) 3274-1902"], "Proprietária; o filho Henrique acompanha as visitas."),
    // 19..=30: tenants
    person(("Helena Prado", "Helena", F), Tenant, Neat, &["helena.prado@exemplo.com.br"], &["(62) 90877-4039"], "Inquilina desde 2023; paga sempre antes do vencimento."),
    person(("Joana Silveira", "Joana", F), Tenant, Thumb, &["joana.silveira@exemplo.com"], &["(62) 90115-7264"], "Inquilina; manda fotos de tudo, o que ajuda."),
    person(("Bruno Tolentino", "Bruno", M), Tenant, Quick, &["bruno.tolentino@exemplo.com.br"], &["(62) 90493-8811"], "Inquilino; trabalha em turnos, melhor escrever."),
    person(("Priscila Andrade", "Priscila", F), Tenant, Thumb, &["pri.andrade@exemplo.com"], &["(62) 90756-0392"], "Inquilina; seguro-fiança."),
    person(("Murilo Sampaio", "Murilo", M), Tenant, Quick, &["murilo.sampaio@exemplo.com.br"], &["(62) 90628-4475"], "Estudante de medicina; os pais são fiadores."),
    person(("Débora Antunes", "Débora", F), Tenant, Neat, &["debora.antunes@exemplo.com.br"], &["(62) 90341-6620", "(62) 90341-6621"], "Inquilina; segundo número é do marido, Sérgio."),
    person(("Vinícius Camargo", "Vinícius", M), Tenant, Thumb, &["vini.camargo@exemplo.com"], &["(62) 90987-2153"], "Inquilino da loja; pede nota todo mês."),
    person(("Sandra Quirino", "Sandra", F), Tenant, Quick, &["sandra.quirino@exemplo.com.br"], &["(62) 90212-5597"], "Inquilina; contrato de 30 meses."),
    person(("Felipe Dourado", "Felipe", M), Tenant, Thumb, &["felipe.dourado@exemplo.com"], &["(62) 90865-3310"], "Inquilino; divide o apartamento com o irmão."),
    person(("Márcia Bittencourt", "Márcia", F), Tenant, Neat, &["marcia.bittencourt@exemplo.com.br"], &["(62) 90574-9046"], "Inquilina; avisar com antecedência antes de qualquer visita."),
    person(("Diego Araújo", "Diego", M), Tenant, Quick, &["diego.araujo@exemplo.com.br"], &["(62) 90438-7702"], "Inquilino; título de capitalização como garantia."),
    person(("Tatiane Lobo", "Tatiane", F), Tenant, Thumb, &["tati.lobo@exemplo.com"], &["(62) 90699-1858"], "Inquilina nova; primeira locação."),
    // 31..=35: landlords
    person(("José Maria Peixoto", "José", M), Landlord, Neat, &["josemaria.peixoto@exemplo.com.br"], &["(62) 90227-3364", "(62) 3225-7108"], "Três imóveis administrados; repasse no dia 12."),
    person(("Eliane Vasconcelos", "Eliane", F), Landlord, Neat, &["eliane.vasconcelos@exemplo.com.br"], &["(62) 90781-6649"], "Proprietária; quer orçamento antes de todo reparo."),
    person(("Ricardo Fontoura", "Ricardo", M), Landlord, Quick, &["ricardo.fontoura@exemplo.com"], &["(62) 90550-2917"], "Proprietário; mora fora, só por escrito."),
    person(("Neusa Carvalhal", "Neusa", F), Landlord, Quick, &["neusa.carvalhal@exemplo.com.br"], &["(62) 90346-8125"], "Proprietária; a filha Cláudia cuida dos papéis."),
    person(("Hélio Barcelos", "Hélio", M), Landlord, Thumb, &["helio.barcelos@exemplo.com"], &["(62) 90914-7730"], "Proprietário; responde depois do almoço."),
    // 36..=40: guests
    person(("Juliana Mattos", "Juliana", F), Guest, Quick, &["juliana.mattos@exemplo.com"], &["(62) 90463-1189"], "Vem todo mês de julho com a família."),
    person(("André Luís Sobral", "André", M), Guest, Neat, &["andre.sobral@exemplo.com.br"], &["(62) 90838-5523"], "Hóspede; precisa de nota para a empresa."),
    person(("Bianca Torres", "Bianca", F), Guest, Thumb, &["bianca.torres@exemplo.com"], &["(62) 90279-9604"], "Hóspede; viaja com um cachorro pequeno."),
    person(("Marcelo Iglesias", "Marcelo", M), Guest, Quick, &["marcelo.iglesias@exemplo.com"], &["(62) 90711-3846"], "Hóspede; grupo de oito pessoas."),
    person(("Cristiane Valadares", "Cristiane", F), Guest, Neat, &["cristiane.valadares@exemplo.com.br"], &["(62) 90605-7291"], "Hóspede; feriados em Pirenópolis."),
    // 41..=42: appraisers
    person(("Antônio Moura", "Antônio", M), Appraiser, Neat, &["antonio.moura@exemplo.com.br"], &["(62) 90877-1260"], "Perito avaliador; laudo em cinco dias úteis."),
    person(("Sônia Drummond", "Sônia", F), Appraiser, Neat, &["sonia.drummond@exemplo.com.br", "laudos.drummond@exemplo.com.br"], &["(62) 90354-8807"], "Engenheira avaliadora credenciada pelos bancos."),
    // 43..=49: companies
    person(("Cartório do 2º Ofício de Notas", "Marlene", F), Notary, Neat, &["notas@cartorio2oficio.exemplo.com.br"], &["(62) 3210-4400", "(62) 90822-0044"], "Falar com Marlene; minutas por e-mail."),
    person(("Registro de Imóveis da 3ª Circunscrição", "Evandro", M), Registry, Neat, &["registro@ri3circ.exemplo.com.br"], &["(62) 3210-7750"], "Falar com Evandro; certidão em até cinco dias úteis."),
    person(("Condomínio Residencial Ipê Branco", "Solange", F), Condo, Quick, &["administracao@ipebranco.exemplo.com.br"], &["(62) 3248-1190", "(62) 90266-1190"], "Síndica Solange; mudança só com agendamento."),
    person(("Condomínio Edifício Vila Serena", "Adilson", M), Condo, Neat, &["sindico@vilaserena.exemplo.com.br"], &["(62) 3248-6631"], "Síndico Adilson; portaria 24 horas."),
    person(("Despachante Rocha & Filhos", "Valdir", M), Clerk, Quick, &["contato@despachanterocha.exemplo.com.br"], &["(62) 3223-9087", "(62) 90573-2204"], "Certidões e averbações; acerto mensal."),
    person(("Construtora Cerrado Alto", "Fabiana", F), Builder, Neat, &["relacionamento@cerradoalto.exemplo.com.br"], &["(62) 3941-5500"], "Falar com Fabiana, do relacionamento com o cliente."),
    person(("Construtora Planalto Verde", "Igor", M), Builder, Quick, &["posobra@planaltoverde.exemplo.com.br", "comercial@planaltoverde.exemplo.com.br"], &["(62) 3941-8820", "(62) 90448-8820"], "Pós-obra com Igor; tabela nova todo dia 1º."),
];
