/**
 * Ask a contact about its score in a company, which need not be the current one.
 * Silently: the screen stays usable meanwhile.
 */
export function callOfCompany(orm, companyId, method, args) {
    const context = companyId ? {allowed_company_ids: [companyId]} : {};
    return orm.silent.call("res.partner", method, args, {context});
}
