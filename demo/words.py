"""Words of which the demo company's customers are named."""

GIVEN = (
    "Amara Anton Beatriz Bilal Bruno Camille Chiara Clara Dagny Dalia Daniel Divya "
    "Edwin Eitan Elif Emeka Emil Esther Farah Felix Fiona Gabriel Grace Greta Hana "
    "Hassan Helena Hugo Ida Imran Ines Isaac Ivy Jamal Jana Joel Jonas Josefa Kaito "
    "Karim Katrin Keira Lars Laila Leo Lena Louis Lucia Maeve Malik Marco Marta Mateo "
    "Milan Mina Naomi Nils Nora Omar Orla Oscar Paula Pedro Petra Quentin Rafael Rania "
    "Rosa Ruben Sadia Samuel Sara Selma Silas Sofia Stella Sven Tara Theo Tilda Umar "
    "Vera Victor Wanda Wen Yara Yusuf Zoe"
).split()

FAMILY = (
    "Abbott Achterberg Adeyemi Almeida Andersen Bauer Bell Bianchi Bjork Blanc Boateng "
    "Brennan Carvalho Castillo Chowdhury Conti Cooper Dahl Dawson Diallo Donnelly "
    "Eriksen Espinoza Farrell Ferrari Fischer Fleming Fontaine Garcia Gill Goldberg "
    "Grant Haddad Hale Hansen Hartmann Hoang Hughes Ibrahim Ito Jansen Kaplan Kaur "
    "Keller Kim Kovacs Lambert Larsen Lim Lopez Mancini Marsh Mbeki Meyer Moreau "
    "Murphy "
    "Nakamura Navarro Nguyen Nolan Novak Okafor Olsen Ortega Pacheco Park Patel Petrov "
    "Quinn Rahman Reyes Rossi Roth Sato Schmidt Shah Silva Singh Soto Sullivan Tan "
    "Torres Ueda Vargas Virtanen Wagner Walsh Weber Wong Yilmaz Zhang"
).split()

FIRST_WORDS = (
    "Amber Anchor Apple Aspen Bay Birch Blue Bramble Bright Canal Cedar Chestnut "
    "Clover "
    "Copper Coral Corner Crescent Eagle Elm Ember Fennel Fern Fox Garden Ginger Golden "
    "Green Harbour Hazel Heron Honey Ivory Juniper Lantern Larch Lemon Linden Maple "
    "Market Meadow Mill Mint Moss North Oak Old Orchard Pepper Pine Plum Poppy Quarry "
    "Red River Rosemary Saffron Sage Silver Spring Stone Summit Sunny Thistle Thyme "
    "Union Valley Walnut West Willow Winter"
).split()

KEY_ACCOUNTS = (
    "{} Hotel Group",
    "{} Bistro",
    "{} Bakery Kitchens",
    "{} Catering",
    "{} Department Store",
    "{} Resorts",
    "{} Cooking School",
    "{} Restaurants",
    "{} Homeware",
    "{} Canteens",
)

DISTRIBUTORS = (
    "{} Kitchen Wholesale",
    "{} Home Trading",
    "{} Tableware Import",
    "{} Household Supply",
    "{} Cookware Partners",
)

CITIES = {
    "US": ("Portland", "Chicago", "Austin", "Seattle", "Denver", "Boston", "Oakland"),
    "FR": ("Lyon", "Nantes", "Lille"),
    "DE": ("Hamburg", "Leipzig", "Bremen"),
    "GB": ("Bristol", "Leeds", "Glasgow"),
    "CN": ("Hangzhou", "Ningbo", "Suzhou"),
    "CA": ("Toronto", "Halifax", "Montreal"),
}

SUBJECTS = (
    "Delivery of the last order",
    "A chipped bowl in the box",
    "Price list for next season",
    "Can we have the new colours earlier?",
    "Thank you for the quick help",
    "Question about the enamel",
    "More shelf space for your pans",
)
